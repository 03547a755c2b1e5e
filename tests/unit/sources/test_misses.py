from tocsin.sources.misses import Misses
from tocsin.sources.pages import read_page
from tocsin.specs.sources import SourceSpec

TEXT = "The ferry left the northern harbour at dawn with sixty passengers and came back in the evening. " * 6
SOURCE = SourceSpec(id="press", url="https://press.example/feed")


def page(more: int):
    head = f"<html><body><article><h1>Ferry leaves</h1><p>{TEXT}</p></article>"
    return read_page(f"{head}{'<br>' * more}</body></html>".encode(), "https://press.example/1")


def test_a_page_of_which_only_the_beginning_is_read_is_told_once_a_poll():
    misses = Misses()
    for more in (10, 150_010, 10):
        found = page(more)
        assert found.cut is (more > 150_000)
        assert "northern harbour" in found.paragraphs[0]
        misses.count(found)
    assert misses.notes(SOURCE) == ["press: 1 of 3 pages were too large: only their beginning was read"]


def test_ordinary_pages_are_not_spoken_of():
    misses = Misses()
    misses.count(page(10))
    assert misses.notes(SOURCE) == []
