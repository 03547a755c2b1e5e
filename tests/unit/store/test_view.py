import pytest
from sqlalchemy import text

from tocsin.errors import StoreError
from tocsin.store.engine import HEAD
from tocsin.store.view import open_view


def ask(address):
    with open_view(address) as view, view.reading() as connection:
        return view.facts(connection)


def test_a_view_tells_what_the_database_is(store, database):
    facts = ask(database)
    assert (facts.kind, facts.schema) == (database.partition(":")[0], HEAD)
    assert facts.place.removeprefix("postgresql:///") in database
    assert facts.size
    assert facts.size > 4096


def test_a_view_cannot_write(store, database):
    with (
        pytest.raises(StoreError, match=r"read-?only"),
        open_view(database) as view,
        view.reading() as connection,
    ):
        connection.execute(text("DELETE FROM ticks"))


def test_a_view_makes_no_database(tmp_path):
    with pytest.raises(StoreError, match="there is no database yet — tocsin run makes it"):
        ask(f"sqlite:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("9999", "made by a newer tocsin"), ("0001", f"tocsin run brings it up to {HEAD}")],
)
def test_a_view_does_not_read_another_version(store, database, version, sentence):
    with store.writing() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
    with pytest.raises(StoreError, match=sentence):
        ask(database)


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "holds no tables of tocsin yet"), (b"words " * 500, "it is no SQLite file")]
)
def test_what_is_no_database_of_ours_is_told_in_a_sentence(tmp_path, content, sentence):
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(StoreError, match=sentence):
        ask(f"sqlite:///{tmp_path}/x.db")


def test_a_writer_at_work_does_not_keep_a_view_waiting(store, database):
    with store.writing() as connection:
        connection.execute(text("INSERT INTO ticks (started_at, report_json) VALUES ('2026-11-22 09:00:00', '{}')"))
        assert ask(database).schema == HEAD
