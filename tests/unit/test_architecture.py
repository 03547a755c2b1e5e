"""The house: imports only go down, and each outside library has one door."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
FLOWS = SRC.parent / "flows"

FLOORS: list[tuple[int, tuple[str, ...]]] = [
    # The first name that fits a module decides; longer names come before their packages.
    (0, ("tocsin.errors", "tocsin.model")),
    (1, ("tocsin.specs", "tocsin.text", "tocsin.urls", "tocsin.times", "tocsin.logs", "tocsin.files")),
    (3, ("tocsin.sources.fetch", "tocsin.sources.addresses", "tocsin.sources.collect", "tocsin.sources.check")),
    (3, ("tocsin.sources.robots", "tocsin.sources.reading", "tocsin.sources.discover", "tocsin.sources.transport")),
    (3, ("tocsin.sources.again",)),
    (3, ("tocsin.alerts.channels", "tocsin.alerts.deliver")),
    (3, ("tocsin.store", "tocsin.workspace", "tocsin.settings")),
    (2, ("tocsin.sources", "tocsin.articles", "tocsin.rules", "tocsin.stories", "tocsin.alerts")),
    (4, ("tocsin.pipeline",)),
    (5, ("tocsin.cli", "tocsin.web")),
    (5, ("tocsin",)),  # the package itself: the public calls, looked up late
]
ONE_DOOR = {
    "ahocorasick_rs": 1,
    "aiohttp": 1,
    "apprise": 1,
    "brotli": 1,
    "bs4": 1,
    "defusedxml": 1,
    "fastapi": 1,
    "feedparser": 1,
    "httpx": 3,  # what asks, the transport under it, and sending secrets where the operator says
    "prometheus_client": 1,
    "protego": 1,
    "py3langid": 1,
    "re2": 1,
    "trafilatura": 1,
    "uvicorn": 1,
    "yaml": 1,
    "zstandard": 1,
}


def modules() -> dict[str, Path]:
    found = {}
    for path in (SRC / "tocsin").rglob("*.py"):
        parts = path.relative_to(SRC).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def floor(name: str) -> int:
    for number, names in FLOORS:
        if any(name == one or name.startswith(f"{one}.") for one in names):
            return number
    raise AssertionError(f"{name} has no floor")


def test_imports_only_go_down():
    known = modules()
    upward = [
        f"{name} (floor {floor(name)}) imports {other} (floor {floor(other)})"
        for name, path in known.items()
        for other in imports(path) & known.keys()
        if other != "tocsin" and floor(other) > floor(name)
    ]
    assert not upward, "\n".join(upward)


def test_the_library_never_imports_prefect():
    guilty = [name for name, path in modules().items() if any(i.split(".")[0] == "prefect" for i in imports(path))]
    assert not guilty


def test_each_outside_library_is_imported_in_one_module():
    doors = defaultdict(set)
    for name, path in modules().items():
        for other in imports(path):
            if other.split(".")[0] in ONE_DOOR:
                doors[other.split(".")[0]].add(name)
    crowded = {library: names for library, names in doors.items() if len(names) > ONE_DOOR[library]}
    assert not crowded


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.py")), ids=lambda path: path.name)
def test_no_flow_file_hides_a_module_of_the_same_name(path):
    import importlib.util
    import sys

    assert path.stem not in sys.stdlib_module_names
    spec = importlib.util.find_spec(path.stem)
    assert spec is None or Path(spec.origin or "") == path


@pytest.mark.parametrize("path", sorted(modules().values()), ids=lambda path: path.stem)
def test_modules_stay_rooms_not_halls(path):
    assert len(path.read_text("utf-8").splitlines()) <= 500
