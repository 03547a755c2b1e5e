import os

import pytest

from tocsin.web.latest import Latest

RULE = "id: {name}\ntitle: T\nwhen: {{words: flood}}\ntests: [{{event: A flood.}}, {{none: Rain.}}]\n"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "s.yaml").write_text("sources:\n  - {id: a, kind: files, path: x}\n", "utf-8")
    (tmp_path / "rules" / "r.yaml").write_text(RULE.format(name="one"), "utf-8")
    return tmp_path


def names(workspace):
    return [each.spec.id for each in workspace.book.rules]


def test_it_is_read_once_and_writes_nothing(root):
    latest = Latest(root)
    assert latest() is latest()
    assert sorted(path.name for path in root.iterdir()) == ["rules", "sources"]


def test_a_changed_file_and_a_new_one_are_seen(root):
    latest = Latest(root)
    first = latest()
    (root / "rules" / "r.yaml").write_text(RULE.format(name="two"), "utf-8")
    os.utime(root / "rules" / "r.yaml", ns=(1, 1))  # as large as before, and its time is another
    assert names(first) == ["one"]
    assert names(latest()) == ["two"]
    (root / "rules" / "more.yml").write_text(RULE.format(name="three"), "utf-8")
    assert names(latest()) == ["three", "two"]


def test_a_mistake_is_told_and_mended(root):
    latest = Latest(root)
    latest()
    (root / "rules" / "bad.yaml").write_text("id: [", "utf-8")
    assert [problem.file for problem in latest().problems] == ["rules/bad.yaml"]
    (root / "rules" / "bad.yaml").unlink()
    assert latest().problems == ()
