import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from tocsin.articles.identity import content_hash, entry_keys, keys, text_id
from tocsin.errors import StoreError
from tocsin.model import Article, Entry, FetchOutcome, FetchReason, FetchState
from tocsin.store import articles, open_store, sources
from tocsin.store.engine import HEAD, _alembic_config
from tocsin.store.schema import metadata

from .conftest import NOW

TEXT = "동해상으로 미사일 두 발이 발사되었다고 군이 밝혔다. " * 4
ODD_ENTRY = Entry(guid="a\0b", url="https://example.org/\0", title="A\0B")


def article(**changes):
    seoul = timezone(timedelta(hours=9))
    first = Article(
        id=text_id("one"),
        title="Łódź reports, 서울 확인",
        byline="A. Writer",
        published=datetime(2026, 11, 22, 1, 30, tzinfo=seoul),
        paragraphs=(TEXT, "Second."),
        language="ko",
        source="wire",
        guid="g1",
        url="https://example.org/a?utm_source=x",
        canonical_url="https://example.org/a",
        content_hash=content_hash("one", (TEXT,)),
        fetched_at=NOW,
    )
    return replace(first, **changes)


def save(store, one):
    with store.writing() as connection:
        return articles.save_article(connection, one)


def everything(store):
    with store.writing() as connection:
        return list(articles.every_article(connection))


def test_an_article_comes_back_as_it_was_with_its_own_time_zone(store):
    save(store, article())
    (back,) = everything(store)
    assert back == article()
    assert back.day == datetime(2026, 11, 22).date()  # noqa: DTZ001


def test_a_bare_day_comes_back_as_a_bare_day(store):
    save(store, article(published=datetime(2023, 8, 16, tzinfo=UTC), day_only=True))
    assert everything(store)[0].day_only


@pytest.mark.parametrize(
    "again",
    [
        article(),
        article(id=text_id("two"), content_hash="f" * 64, guid="g2"),  # the same address
        article(id=text_id("two"), url=None, canonical_url=None, guid=None, source="other"),  # the same text
    ],
)
def test_the_same_article_is_never_stored_twice(store, again):
    assert save(store, article())
    assert not save(store, again)
    assert len(everything(store)) == 1


def test_a_known_article_keeps_the_keys_it_was_seen_under_later(store):
    save(store, article())
    moved = article(url="https://example.org/moved", canonical_url=None)
    save(store, moved)
    assert store.known(keys(moved)) == frozenset(keys(moved))


def test_known_answers_for_many_keys(store):
    save(store, article())
    asked = {f"url:example.org/{n}" for n in range(2000)} | set(keys(article()))
    assert store.known(asked) == frozenset(keys(article()))


def test_a_revision_is_kept_beside_the_first_text_and_found(store):
    save(store, article())
    later = article(
        id=text_id("two"), title="Withdrawn", paragraphs=("Nothing of it was true.",), content_hash="e" * 64
    )
    with store.writing() as connection:
        assert articles.save_revision(connection, later, NOW) == article().id
        assert articles.every_article(connection).__next__() == article()
        [(seen, back)] = articles.revisions_of(connection, article())
        assert (seen, back) == (NOW, replace(later, id=article().id))
        assert [one.id for one in articles.search(connection, ["nothing", "withdrawn"], 10)] == [article().id]
    assert store.known(keys(later)) == frozenset(keys(later))


@pytest.mark.parametrize("words", [["미사일"], ["łódź", "SECOND"], ["서울"]])
def test_search_finds_words_in_any_case_and_script(store, words):
    save(store, article())
    with store.writing() as connection:
        assert [one.id for one in articles.search(connection, words, 10)] == [article().id]
        assert articles.search(connection, [*words, "absent"], 10) == []


def test_search_takes_signs_literally(store):
    save(store, article())
    with store.writing() as connection:
        assert articles.search(connection, ["%"], 10) == []


def test_a_state_is_written_over_the_old_one(store):
    state = FetchState(source="wire", outcome=FetchOutcome.OK, reason=FetchReason.NEW_CONTENT, polled_at=NOW)
    with store.writing() as connection:
        sources.save_states(connection, [replace(state, etag="old", failures=3)])
        sources.save_states(connection, [state])
    assert store.states() == {"wire": state}


def test_everything_of_a_state_comes_back(store):
    times = dict.fromkeys(("polled_at", "success_at", "due_at", "full_at", "hold_until", "new_at", "gap_at"), NOW)
    state = FetchState(source="wire", rhythm=600, ttl=60, skip_hours=(1, 2), window=("a" * 32,), gaps=2, **times)
    with store.writing() as connection:
        sources.save_states(connection, [state])
    assert store.states() == {"wire": state}


def test_one_transaction_is_written_whole_or_not_at_all(store):
    with pytest.raises(RuntimeError), store.writing() as connection:  # noqa: PT012
        articles.save_article(connection, article())
        raise RuntimeError
    assert everything(store) == []


def test_migrations_make_the_tables_that_the_code_uses(store):
    with store.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert ScriptDirectory.from_config(_alembic_config(connection)).get_current_head() == HEAD


def test_a_database_of_the_first_version_is_brought_up_to_date_with_what_is_in_it(tmp_path):
    path = tmp_path / "t.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(_alembic_config(connection), "0001")
        connection.execute(text("INSERT INTO source_states (source, detail, failures) VALUES ('wire', 'x', 2)"))
    engine.dispose()
    with open_store(f"sqlite:///{path}", tmp_path) as store:
        assert store.states() == {"wire": FetchState(source="wire", detail="x", failures=2)}


def test_a_database_of_a_newer_tocsin_is_left_alone(tmp_path):
    path = tmp_path / "t.db"
    open_store(f"sqlite:///{path}", tmp_path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=r"newer tocsin \(version 9999"):
        open_store(f"sqlite:///{path}", tmp_path)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("nonsense", "no database address"),
        ("sqlite:////proc/none/t.db", "cannot be made"),
        ("postgresql://u:p@127.0.0.1:port/x", "no database address"),
        ("sqlite://host/t.db", "an SQLite database is a file and has no host — write sqlite:////path"),
        ("sqlite:////proc", "/proc: is a folder — name a file in it: sqlite:////proc/tocsin.db"),
        ("postgresql://desk@no-such-host.invalid/x", "check the host in TOCSIN_DATABASE_URL"),
        ("postgresql://desk@127.0.0.1:1/x?colour=red", 'invalid connection option "colour" — take it out'),
        ("mysql://localhost/x", "mysql databases are not supported — write sqlite:.* or postgresql:"),
    ],
)
def test_an_address_that_cannot_work_gets_a_sentence(address, sentence, tmp_path):
    with pytest.raises(StoreError, match=sentence):
        open_store(address, tmp_path)


@pytest.mark.parametrize("driver", ["sqlite", "sqlite+pysqlite", "sqlite+aiosqlite", "sqlite+nosuch"])
def test_every_spelling_of_an_sqlite_address_works(driver, tmp_path):
    with open_store(f"{driver}:///{tmp_path}/t.db", tmp_path) as store:
        assert store.states() == {}


def test_an_unescaped_sign_in_a_password_does_not_show_the_rest_of_it(tmp_path):
    with pytest.raises(StoreError, match="there is an @ too many — in user and password it is written %40") as caught:
        open_store("postgresql://desk:first@second-half@127.0.0.1:1/x", tmp_path)
    assert "second-half" not in str(caught.value)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [("DROP TABLE alembic_version", "without their version"), ("DROP TABLE source_states", "not those of its version")],
)
def test_tables_that_are_not_those_of_their_version_are_told(damage, sentence, database, tmp_path):
    with open_store(database, tmp_path) as store, store.writing() as connection:
        connection.execute(text(damage))
    with pytest.raises(StoreError, match=f"{sentence} — "), open_store(database, tmp_path) as store:
        store.states()


def test_a_file_that_is_no_database_gets_a_sentence(tmp_path):
    (tmp_path / "t.db").write_text("not a database, but long enough to be looked at as one" * 40)
    with pytest.raises(StoreError, match="no SQLite file"):
        open_store(f"sqlite:///{tmp_path}/t.db", tmp_path)


def test_article_with_a_sign_that_no_text_holds_is_stored_and_known(store):
    odd = article(guid="a\0b", url="https://example.org/\0", title="A\0B", entry_keys=entry_keys("wire", ODD_ENTRY))
    assert save(store, odd)
    assert store.known(odd.entry_keys) == set(odd.entry_keys)
    assert not save(store, odd)
    with store.writing() as connection:
        sources.save_states(connection, [FetchState(source="wire", etag="\0e", window=("\0w",))])
    assert store.states()["wire"].etag in {"\0e", "e"}
