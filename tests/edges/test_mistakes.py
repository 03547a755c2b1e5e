"""Every mistake a person can make in YAML gets a sentence with its place: one small file for each.

A file in golden/mistakes begins with the place it takes in the workspace; behind it, on comment lines at the end,
stands what `tocsin check` must say. `python tests/edges/test_mistakes.py` writes those lines anew (read the diff).
"""

from pathlib import Path

import pytest

from tocsin.workspace import load_for_service, survey

MISTAKES = Path(__file__).parents[1] / "golden" / "mistakes"
GOOD = {
    "sources/good.yaml": "sources:\n  - {id: wire, url: 'https://example.org/wire', language: en}\n",
    "rules/channels.yaml": "channels:\n  - id: desk\n    url: ${DESK_URL}\n",
    "rules/base.yaml": (
        "id: base\ntitle: Base\nwhen: {terms: missile}\n"
        "tests:\n  - event: A missile was fired.\n  - none: A quiet day.\n"
    ),
    "rules/entities/dprk.yaml": "id: dprk\ntitle: North Korea\nnames: {en: [North Korea], ko: [북한]}\n",
    "rules/terms/missile.yaml": "id: missile\nwords: {en: [missile~], ko: [미사일]}\n",
}


def workspace(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def read_mistake(path):
    lines = path.read_text("utf-8").splitlines(keepends=True)
    expected = [line.removeprefix("#> ").rstrip("\n") for line in lines if line.startswith("#> ")]
    text = "".join(line for line in lines if not line.startswith("#> "))
    return lines[0].removeprefix("# ").strip(), text, expected


def said(root, path):
    name, text, _ = read_mistake(path)
    _, problems = survey(workspace(root, GOOD | {name: text}))
    return [str(problem) for problem in problems]


def test_there_are_enough_mistakes():
    assert len(list(MISTAKES.glob("*.yaml"))) >= 60


def test_without_a_mistake_there_is_no_problem(tmp_path):
    loaded, problems = survey(workspace(tmp_path, GOOD))
    assert loaded is not None
    assert problems == ()


@pytest.mark.parametrize("path", sorted(MISTAKES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_place(path, tmp_path):
    _, _, expected = read_mistake(path)
    assert expected
    assert said(tmp_path, path) == expected


@pytest.mark.parametrize("path", sorted(MISTAKES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_service_goes_on_beside_a_mistake(path, tmp_path):
    name, text, expected = read_mistake(path)
    load_for_service(workspace(tmp_path, GOOD))
    loaded = load_for_service(workspace(tmp_path, {name: text}))
    assert [source.id for source in loaded.sources] == ["wire"]
    assert "base" in loaded.judge.rules
    assert [str(problem) for problem in loaded.problems] == [line for line in expected if ": warning: " not in line]


if __name__ == "__main__":
    import tempfile

    for mistake in sorted(MISTAKES.glob("*.yaml")):
        _, body, _ = read_mistake(mistake)
        with tempfile.TemporaryDirectory() as folder:
            told = said(Path(folder), mistake)
        mistake.write_text(body + "".join(f"#> {line}\n" for line in told), "utf-8")
        print(mistake.stem, *told, sep="\n    ")
