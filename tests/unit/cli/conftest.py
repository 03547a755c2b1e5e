"""A small workspace with rules, a source of files and a channel that is not set up yet."""

import pytest

RULES = """
id: launching
words: {en: [launch~, fire~]}
---
id: missile
words: {en: [missile~]}
---
id: dprk
title: North Korea
kind: state
names: {en: [North Korea~]}
---
language: en
cues:
  - {class: denied, words: [denied that], reach: clause}
---
id: launch
title: Launch of a missile
when: {all: [{terms: launching}, {terms: missile}]}
tests: [{event: They fired a missile.}, {none: It rained.}]
---
id: by-dprk
title: Launch by North Korea
severity: critical
when: {all: [{rule: launch}, {entity: dprk, as: actor}]}
tests: [{event: North Korea fired a missile.}, {none: It rained.}]
---
id: flood
title: Flood
when: {words: flood}
tests: [{event: A flood came.}, {none: It rained.}]
"""
SOURCES = """
sources:
  - {id: wire, name: The Wire, kind: files, path: inbox}
"""
CHANNELS = """
channels:
  - {id: room, url: "${NO_SUCH_ROOM}"}
"""
ARTICLES = {
    "000_00000000000000a1.txt": "Missile over the sea\n\nNovember 3, 2025\n\nNorth Korea fired a missile at dawn.",
    "001_00000000000000b2.txt": "Missile over the sea\n\nNovember 3, 2025\n\nNorth Korea fired a missile at noon.",
    "002_00000000000000c3.txt": "Denial\n\nNovember 12, 2025\n\nIt denied that it fired a missile.",
    "003_00000000000000d4.txt": "Rain\n\nNovember 12, 2025\n\nIt rained in the valley.",
}


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """The workspace, which is the current folder."""
    root = tmp_path / "desk"
    write(root, {"rules/watch.yaml": RULES, "rules/channels.yaml": CHANNELS, "sources/files.yaml": SOURCES})
    write(root / "inbox", ARTICLES)
    monkeypatch.chdir(root)
    monkeypatch.delenv("NO_SUCH_ROOM", raising=False)
    for name in ("TOCSIN_WORKSPACE", "TOCSIN_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return root
