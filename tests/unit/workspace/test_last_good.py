import pytest

from tocsin.errors import WorkspaceError
from tocsin.workspace import load, load_for_service

GOOD = "sources:\n  - {id: wire, url: 'https://example.org/feed'}\n"
BAD = "sources:\n  - {id: wire, url: nonsense}\n"


@pytest.fixture
def desk(tmp_path):
    for folder in ("sources", "rules"):
        (tmp_path / folder).mkdir()
    (tmp_path / "sources" / "a.yaml").write_text(GOOD)
    return tmp_path


def ids(workspace):
    return [source.id for source in workspace.sources]


def test_a_file_that_turns_bad_is_used_as_it_last_was_good(desk):
    load_for_service(desk)
    (desk / "sources" / "a.yaml").write_text(BAD)
    loaded = load_for_service(desk)
    assert ids(loaded) == ["wire"]
    assert [str(problem).split(":")[:2] for problem in loaded.problems] == [["sources/a.yaml", "2"]]


def test_a_file_that_never_was_good_is_left_out_and_the_others_go_on(desk):
    (desk / "sources" / "b.yaml").write_text("sources: [{id: other}]\n")
    loaded = load_for_service(desk)
    assert ids(loaded) == ["wire"]
    assert loaded.problems


def test_a_deleted_file_does_not_come_back(desk):
    (desk / "sources" / "b.yaml").write_text("sources: [{id: other, url: 'https://example.org/b'}]\n")
    load_for_service(desk)
    (desk / "sources" / "b.yaml").unlink()
    assert ids(load_for_service(desk)) == ["wire"]


def test_a_last_good_version_that_no_longer_fits_is_left_out(desk):
    (desk / "sources" / "b.yaml").write_text("sources: [{id: other, url: 'https://example.org/b'}]\n")
    load_for_service(desk)
    (desk / "sources" / "a.yaml").write_text(GOOD + "  - {id: other, url: 'https://example.org/c'}\n")
    (desk / "sources" / "b.yaml").write_text(BAD)
    assert sorted(ids(load_for_service(desk))) in (["other", "wire"], ["wire"])


def test_an_undecodable_file_is_told_with_its_place(desk):
    (desk / "sources" / "b.yaml").write_bytes(b"sources:\n  - id: \xff\n")
    with pytest.raises(WorkspaceError, match=r"sources/b.yaml:2:9: not UTF-8"):
        load(desk)


def test_strict_loading_tells_everything_at_once(desk):
    (desk / "sources" / "a.yaml").write_text(BAD)
    (desk / "rules" / "r.yaml").write_text("id: r\ntitle: R\n")
    with pytest.raises(WorkspaceError) as caught:
        load(desk)
    assert len(caught.value.problems) == 2


def test_an_unwritable_data_folder_stops_nothing(desk):
    (desk / "data").write_text("a file where the folder should be")
    assert ids(load_for_service(desk)) == ["wire"]
