"""What can be wrong with a database is said in a sentence; and when it is right again, the work goes on."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from tocsin.errors import StoreError
from tocsin.model import FetchState
from tocsin.store import open_store, sources
from tocsin.store.engine import open_engine

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def sentence_of(address, tmp_path):
    with pytest.raises(StoreError) as caught:
        open_store(address, tmp_path)
    return str(caught.value)


def test_wrong_password_is_told_and_not_shown(postgres, tmp_path):
    said = sentence_of(postgres.by_network("postgres", "my-secret"), tmp_path)
    assert "password authentication failed" in said
    assert "check user and password in TOCSIN_DATABASE_URL" in said
    assert "my-secret" not in said
    assert "\n" not in said


def test_what_an_address_says_beside_the_place_is_not_shown(postgres, tmp_path):
    address = f"postgresql://tocsin@127.0.0.1:{postgres.port}/postgres?password=my-secret&application_name=desk"
    assert "my-secret" not in sentence_of(address, tmp_path)


def test_missing_database_is_told(postgres, tmp_path):
    said = sentence_of(postgres.address("nowhere"), tmp_path)
    assert 'database "nowhere" does not exist — make it (CREATE DATABASE' in said


def test_missing_user_is_told(postgres, tmp_path):
    said = sentence_of(postgres.address("postgres").replace("tocsin@", "somebody@"), tmp_path)
    assert 'role "somebody" does not exist — make the user' in said


def test_server_that_is_not_there_is_told(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = sentence_of(f"postgresql://tocsin:my-secret@127.0.0.1:{port}/tocsin", tmp_path)
    assert "Connection refused — check that the server runs, and host and port in TOCSIN_DATABASE_URL" in said
    assert "my-secret" not in said


def test_user_who_may_make_no_tables_is_told(postgres, tmp_path):
    address = postgres.database(empty=True)
    engine = open_engine(postgres.database())
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS guest"))
        connection.execute(text("CREATE ROLE guest LOGIN"))
    engine.dispose()
    said = sentence_of(address.replace("tocsin@", "guest@"), tmp_path)
    assert "permission denied for schema public — the user must own the database" in said


@pytest.mark.parametrize("prefix", ["postgres:", "postgresql+psycopg:", "postgresql+psycopg2:", "postgresql+asyncpg:"])
def test_every_spelling_of_a_postgresql_address_works(prefix, postgres, tmp_path):
    with open_store(postgres.database().replace("postgresql:", prefix), tmp_path) as store:
        assert store.states() == {}


def test_database_of_a_newer_tocsin_is_left_alone(database, tmp_path):
    with open_store(database, tmp_path) as store, store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "made by a newer tocsin (version 9999" in sentence_of(database, tmp_path)


def test_tables_of_somebody_else_are_left_alone(postgres, tmp_path):
    address = postgres.database(empty=True)
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE articles (id text)"))
    engine.dispose()
    assert "there are tables without their version — name an empty database" in sentence_of(address, tmp_path)


def test_several_that_start_at_once_make_the_tables_once(postgres, tmp_path):
    address = postgres.database(empty=True)
    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(lambda _: open_store(address, tmp_path), range(4)):
            with store:
                assert store.states() == {}


def test_pass_whose_server_goes_away_is_written_whole_by_the_next_one(postgres, tmp_path):
    with open_store(postgres.database(), tmp_path) as store:
        with pytest.raises(StoreError, match="the server went away"):
            save(store, in_the_middle=postgres.stop)
        with pytest.raises(StoreError, match="check that the server runs"):
            store.states()
        postgres.run_again()
        assert store.states() == {}
        save(store)
        assert list(store.states()) == ["first", "second"]


def save(store, in_the_middle=lambda: None):
    with store.writing() as connection:
        sources.save_states(connection, [FetchState(source="first", polled_at=NOW)])
        in_the_middle()
        sources.save_states(connection, [FetchState(source="second", polled_at=NOW)])


def test_full_disk_is_told_and_nothing_is_lost_when_there_is_room_again(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/t.db", tmp_path) as store:
        with store.writing() as connection:
            sources.save_states(connection, [FetchState(source="kept")])
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")  # the engine keeps this connection
        with pytest.raises(StoreError, match="full — make room on the disk, then run again: nothing is lost"):
            fill(store)
        assert list(store.states()) == ["kept"]
        with store.writing() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
        fill(store)
        assert len(store.states()) == 1001


def fill(store):
    with store.writing() as connection:
        sources.save_states(connection, [FetchState(source=f"s{at}", detail="x" * 500) for at in range(1000)])


def test_file_that_may_not_be_written_is_told(tmp_path):
    open_store(f"sqlite:///{tmp_path}/t.db", tmp_path).close()
    with (
        open_store(f"sqlite:///file:{tmp_path}/t.db?mode=ro&uri=true", tmp_path) as store,
        pytest.raises(StoreError, match="check the permissions of the file and its folder"),
        store.writing() as connection,
    ):
        sources.save_states(connection, [FetchState(source="kept")])
