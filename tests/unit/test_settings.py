"""What the environment decides, and what it may not say."""

from __future__ import annotations

import pytest

from tocsin.errors import UsageError
from tocsin.settings import read_settings
from tocsin.sources.answers import Limits


def test_without_a_word_every_limit_is_as_it_ships() -> None:
    assert read_settings({}).limits == Limits()


def test_a_limit_can_be_overridden_alone() -> None:
    said = {"TOCSIN_LIMIT_BODY": "1000", "TOCSIN_LIMIT_GAP": "0", "TOCSIN_LIMIT_TOTAL": "2.5", "TOCSIN_LIMIT_READ": ""}
    assert read_settings(said).limits == Limits(body=1000, gap=0, total=2.5)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BODY", "12 MB", "must be a whole number, 1 or more"),
        ("BODY", "0", "must be a whole number"),
        ("ENTRIES", "2e3", "must be a whole number"),
        ("PER_HOST", "-1", "must be a whole number"),
        ("TOTAL", "0", "must be a number of seconds, and more than 0"),
        ("READ", "nan", "must be a number of seconds"),
        ("CONNECT", "inf", "must be a number of seconds"),
        ("GAP", "-0.5", "must be a number of seconds, 0 or more"),
        ("TOTAL", "a minute", "must be a number of seconds"),
        ("BODIES", "5", "there is no such limit — choose one of TOCSIN_LIMIT_BODY, TOCSIN_LIMIT_CONCURRENCY"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_with_a_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as told:
        read_settings({f"TOCSIN_LIMIT_{name}": value})
    assert f"TOCSIN_LIMIT_{name}" in str(told.value)


@pytest.mark.parametrize(("name", "value"), [("LOG_LEVEL", "LOUD"), ("EVERY", "0"), ("ALERT_ON_FIRST", "yes")])
def test_a_setting_that_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"TOCSIN_{name}={value}"):
        read_settings({f"TOCSIN_{name}": value})


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "SQLITE+pysqlite:///?timeout=3"])
def test_a_store_that_would_forget_everything_is_refused(url):
    with pytest.raises(UsageError, match="TOCSIN_DATABASE_URL names no file: everything would be forgotten"):
        read_settings({"TOCSIN_DATABASE_URL": url})


def test_ages_are_days_and_zero_is_for_ever():
    keep = read_settings({"TOCSIN_KEEP_ARTICLES": "30", "TOCSIN_KEEP_ALERTS": "0"}).keep
    assert (keep.articles, keep.alerts, keep.stories) == (30, 0, 365)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TOCSIN_KEEP_ARTICLES", "a year", "must be a whole number of days"),
        ("TOCSIN_KEEP_ARTICLES", "-1", "must be a whole number of days"),
        ("TOCSIN_KEEP_ARTICLE", "30", "choose one of TOCSIN_KEEP_ALERTS, TOCSIN_KEEP_ARTICLES"),
        ("TOCSIN_DELIVER_EVERY", "1m", "must be a whole number of seconds"),
        ("TOCSIN_SERVER_PORT", "http", "must be a port, 0 to 65535"),
        ("TOCSIN_PAGES_PORT", "70000", "must be a port, 0 to 65535"),
    ],
)
def test_an_age_that_cannot_be_used_is_refused_by_its_name(name, value, said):
    with pytest.raises(UsageError, match=rf"^{name}.*{said}"):
        read_settings({name: value})


@pytest.mark.parametrize("name", ["DATABASE_URL", "PING_URL"])
def test_a_secret_may_stand_in_a_file_and_is_never_shown(tmp_path, name):
    (tmp_path / "secret").write_text("https://tocsin:hush@example.org/x\n", "utf-8")
    settings = read_settings({f"TOCSIN_{name}_FILE": str(tmp_path / "secret")})
    assert getattr(settings, name.lower()) == "https://tocsin:hush@example.org/x"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("name", ["DATABASE_URL", "PING_URL"])
def test_a_secret_of_the_environment_goes_before_its_file(tmp_path, name):
    said = {f"TOCSIN_{name}": "https://example.org/first", f"TOCSIN_{name}_FILE": str(tmp_path / "absent")}
    assert getattr(read_settings(said), name.lower()) == "https://example.org/first"


@pytest.mark.parametrize("name", ["DATABASE_URL", "PING_URL"])
def test_a_secret_whose_file_is_not_there_is_told_by_its_name(tmp_path, name):
    with pytest.raises(UsageError, match=rf"TOCSIN_{name}_FILE=.*absent: cannot be read \(No such file"):
        read_settings({f"TOCSIN_{name}_FILE": str(tmp_path / "absent")})
