import stat
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import JSON, BigInteger, Boolean, Integer, create_engine, func, insert, select, text

from tocsin.errors import StoreError
from tocsin.store import open_store, ticks
from tocsin.store.backup import Progress, back_up, restore
from tocsin.store.engine import HEAD, _alembic_config
from tocsin.store.schema import Utc, articles, metadata
from tocsin.store.view import open_view

from .conftest import NOW

ODD = "missile 미사일 \u2028 «quoted» 'x' \\ %s :name"
ROWS = 1_203  # more than are copied at a time


def value(column, number):
    """Something of the column's type that is not quite like what stands in another row."""
    if column.primary_key or column.unique or column.foreign_keys:
        return number if isinstance(column.type, Integer | BigInteger) else f"{number:016x}"
    kind = column.type
    if isinstance(kind, Utc):
        return NOW + timedelta(seconds=number, microseconds=number)
    if isinstance(kind, JSON):
        return [number, {"text": ODD}, None]
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, Integer | BigInteger):
        return number
    return f"{number} {ODD}"[: kind.length]


def fill(store, rows=3):
    """Rows in every table, also of tables that are yet to come."""
    with store.writing() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if column is not table.autoincrement_column]
            numbers = range(1, (ROWS if table is articles else rows) + 1)
            connection.execute(insert(table), [{c.name: value(c, n) for c in columns} for n in numbers])


def everything(address):
    with open_view(address) as view, view.reading() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in metadata.sorted_tables
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request, tmp_path):
    """The address of a database in which nothing was made yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/elsewhere/tocsin.db"
        return
    cluster = request.getfixturevalue("postgres")
    address = cluster.database(empty=True)
    yield address
    cluster.drop(address)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tocsin.backup"


def test_every_row_of_every_table_comes_back_on_either_database(store, database, file, elsewhere):
    fill(store)
    before = everything(database)
    assert all(before.values())
    assert back_up(database, file) == {name: len(rows) for name, rows in before.items()}
    assert restore(file, elsewhere) == {name: len(rows) for name, rows in before.items()}
    assert everything(elsewhere) == before


def test_a_restored_store_goes_on_counting_where_it_was(store, database, file, elsewhere, tmp_path):
    fill(store)
    back_up(database, file)
    restore(file, elsewhere)
    with open_store(elsewhere, tmp_path / "data") as other, other.writing() as connection:
        assert ticks.begin(connection, NOW) == 4


def test_an_empty_store_comes_back_and_can_be_used(store, database, file, elsewhere, tmp_path):
    back_up(database, file)
    restore(file, elsewhere)
    with open_store(elsewhere, tmp_path / "data") as other, other.writing() as connection:
        assert ticks.begin(connection, NOW) == 1


def test_a_backup_is_of_one_moment_whatever_is_written_meanwhile(store, database, file):
    fill(store)
    before = everything(database)

    def write(_rows):
        with store.writing() as connection:
            ticks.begin(connection, NOW)
            connection.execute(text("DELETE FROM silences"))

    back_up(database, file, Progress(begin=write))
    assert everything(f"sqlite:///{file}") == before
    assert len(everything(database)["ticks"]) == len(before["ticks"]) + 1


def test_a_backup_waits_for_no_writer(store, database, file):
    with store.writing() as connection:
        ticks.begin(connection, NOW)
        assert back_up(database, file)["ticks"] == 0  # not yet committed


def test_a_backup_is_one_file_for_its_owner_alone(store, database, file, tmp_path):
    there = set(tmp_path.iterdir())
    back_up(database, file)
    assert set(tmp_path.iterdir()) - there == {file}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_progress_is_told_in_rows(store, database, file):
    fill(store)
    total, steps = [], []
    copied = back_up(database, file, Progress(begin=total.append, step=steps.append))
    assert total == [sum(steps)] == [sum(copied.values())]


def test_a_backup_is_never_written_over(store, database, file):
    file.write_text("last year's")
    with pytest.raises(StoreError, match="is there already — name another file"):
        back_up(database, file)
    assert file.read_text() == "last year's"


def test_a_backup_that_cannot_be_written_says_so(store, database, tmp_path):
    with pytest.raises(StoreError, match=r"nowhere/x: cannot be written \(No such file or directory\)"):
        back_up(database, tmp_path / "nowhere" / "x")


def test_a_backup_that_breaks_off_leaves_no_file(store, database, file, tmp_path):
    fill(store)
    there = set(tmp_path.iterdir())

    def stop(_rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(database, file, Progress(step=stop))
    assert set(tmp_path.iterdir()) == there


def test_a_store_that_holds_something_is_not_restored_over(store, database, file):
    back_up(database, file)
    with store.writing() as connection:
        ticks.begin(connection, NOW)
    with pytest.raises(StoreError, match=r"holds something already \(ticks\): nothing was restored — stop tocsin"):
        restore(file, database)
    assert len(everything(database)["ticks"]) == 1


def test_a_restore_that_breaks_off_leaves_the_store_empty_and_can_be_done_again(store, database, file, elsewhere):
    fill(store)
    back_up(database, file)

    def stop(_rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(file, elsewhere, Progress(step=stop))
    assert not any(everything(elsewhere).values())
    restore(file, elsewhere)
    assert everything(elsewhere) == everything(database)


def test_a_backup_of_an_older_tocsin_is_brought_up_to_date_and_stays_as_it_was(file, elsewhere):
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(_alembic_config(connection), "0004")
        connection.execute(text("INSERT INTO ticks (started_at, report_json) VALUES ('2026-03-04 05:06:07', '{}')"))
    engine.dispose()
    before = file.read_bytes()
    assert restore(file, elsewhere)["ticks"] == 1
    with open_view(elsewhere) as view:
        assert view.version() == HEAD
    assert file.read_bytes() == before


def test_what_is_no_backup_is_refused_in_a_sentence(store, database, file, tmp_path):
    target = f"sqlite:///{tmp_path}/target.db"
    with pytest.raises(StoreError, match="there is no such file — name one that `tocsin backup` has made"):
        restore(file, target)
    file.write_text("words " * 1_000)
    with pytest.raises(StoreError, match="it is no SQLite file"):
        restore(file, target)
    file.unlink()
    file.touch()
    with pytest.raises(StoreError, match="holds no tables of tocsin"):
        restore(file, target)
    assert not (tmp_path / "target.db").exists()


def test_a_backup_of_a_newer_tocsin_is_refused(store, database, file, tmp_path):
    back_up(database, file)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="made by a newer tocsin"):
        restore(file, f"sqlite:///{tmp_path}/target.db")


def test_a_damaged_backup_restores_nothing(store, database, file, tmp_path):
    fill(store)
    back_up(database, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(StoreError, match="the file is damaged"):
        restore(file, f"sqlite:///{tmp_path}/target.db")
    assert not (tmp_path / "target.db").exists()


def test_a_full_count_is_what_the_tables_hold(store, database, file):
    fill(store)
    copied = back_up(database, file)
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        for name, rows in copied.items():
            table = metadata.tables[name]
            assert connection.execute(select(func.count()).select_from(table)).scalar() == rows
    engine.dispose()
