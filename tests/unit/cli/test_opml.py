import pytest

from tocsin.cli import run
from tocsin.sources.opml import read_opml, write_opml
from tocsin.specs.sources import SourceSpec
from tocsin.workspace import load

OPML = """<?xml version="1.0"?><opml version="1.0"><head/><body>
<outline text="Harbour News"><outline text="Post: the &quot;daily&quot;" type="rss" xmlUrl="https://post.example/rss"/>
<outline text="부두신문" xmlUrl="https://pier.example/rss"/></outline>
<outline text="Post" xmlUrl="https://post.example/rss?utm_source=x"/><outline text="bad" xmlUrl="file:///etc/passwd"/>
</body></opml>"""


@pytest.fixture
def desk(tmp_path):
    for folder in ("sources", "rules"):
        (tmp_path / folder).mkdir()
    (tmp_path / "My Feeds.opml").write_text(OPML, "utf-8")
    return tmp_path


def test_subscriptions_become_sources_that_load_and_go_out_again(desk, capsys):
    arguments = ["sources", "import-opml", str(desk / "My Feeds.opml"), "--workspace", str(desk)]
    assert run(arguments) == 0
    sources = load(desk).sources
    assert [(each.id, each.name, each.tags) for each in sources] == [
        ("post-the-daily", 'Post: the "daily"', ("harbour-news",)),
        ("pier-example", "부두신문", ("harbour-news",)),
    ]
    assert run(arguments) == 2, "a file of the user's is never overwritten"
    capsys.readouterr()
    assert run(["sources", "export-opml", "--workspace", str(desk)]) == 0
    assert [each.url for each in read_opml(capsys.readouterr().out.encode(), ())] == [each.url for each in sources]


def test_ids_are_unique():
    assert [each.id for each in read_opml(OPML.encode(), {"post-the-daily", "pier-example"})] == [
        "post-the-daily-2",
        "pier-example-2",
    ]


@pytest.mark.parametrize(
    "text", ["<rss/>", "<opml/>", "no xml", '<!DOCTYPE o [<!ENTITY a SYSTEM "file:///x">]><opml/>']
)
def test_what_is_no_opml_is_refused(text):
    with pytest.raises(ValueError, match=r"OPML|XML|refused"):
        read_opml(text.encode(), ())


def test_folders_are_not_exported():
    assert "outline" not in write_opml([SourceSpec(id="inbox", kind="files", path="inbox")])
