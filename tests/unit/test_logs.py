import io
import json
import logging

import pytest

from tocsin import logs


@pytest.fixture
def stream():
    """Where lines go; how logging was before is put back."""
    root, ours = logging.getLogger(), logging.getLogger("tocsin")
    before = root.handlers[:], root.level, ours.level
    yield io.StringIO()
    root.handlers[:], root.level, ours.level = before


def test_a_json_line_holds_what_a_record_says_and_nothing_else(stream):
    logs.set_up("INFO", logs.JSON, stream)
    fields = {"source": "wire", "alert": "a1", "password": "hunter2"}
    logging.getLogger("tocsin.x").info("%s has\ntwo lines, 서울", "it", extra=fields)
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert line.pop("time").endswith("+00:00")
    expected = {"level": "INFO", "logger": "tocsin.x", "message": "it has\ntwo lines, 서울"}
    assert line == expected | {"source": "wire", "alert": "a1"}


def test_an_error_stays_on_its_line(stream):
    logs.set_up("INFO", logs.JSON, stream)
    try:
        int("no")
    except ValueError:
        logging.getLogger("tocsin.x").exception("it failed")
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert line["message"] == "it failed"
    assert line["error"].endswith("ValueError: invalid literal for int() with base 10: 'no'")


@pytest.mark.parametrize("form", logs.FORMS)
def test_others_chatter_is_not_to_be_had_for_it_names_addresses(stream, form):
    logs.set_up("DEBUG", form, stream)
    logging.getLogger("httpx").info("GET https://example.org/token")
    logging.getLogger("apprise").debug("https://example.org/token")
    logging.getLogger("tocsin.x").debug("ours")
    assert "token" not in stream.getvalue()
    assert "ours" in stream.getvalue()


def test_setting_up_again_does_not_say_everything_twice(stream):
    logs.set_up("INFO", logs.TEXT, stream)
    logs.set_up("INFO", logs.JSON, stream)
    logging.getLogger("tocsin.x").warning("once")
    assert len(stream.getvalue().splitlines()) == 1
