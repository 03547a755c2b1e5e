"""Disks that are full, limited or read-only: a sentence, nothing lost, and the work goes on by itself afterwards."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

TOCSIN = [sys.executable, "-m", "tocsin"]
ARTICLES = 60
RULES = """
id: flood
title: Flood
severity: critical
when: {words: flood}
alert: {to: [desk]}
tests: [{event: A flood came.}, {none: It rained.}]
"""
FILES = {
    "sources/s.yaml": "sources: [{id: inbox, kind: files, path: inbox, language: en, alert_on_first: true}]\n",
    "rules/r.yaml": RULES,
    "rules/channels.yaml": 'channels: [{id: desk, kind: webhook, url: "${DESK_URL}"}]\n',
}
READING = (("status",), ("alerts", "list"), ("sources", "list"), ("deliveries", "list"))
WRITING = (
    ("run",),
    ("upkeep",),
    ("backup", "copy.db"),
    ("articles", "import", "inbox"),
    ("alerts", "export", "--atom", "a.atom"),
)


@pytest.fixture
def desk(tmp_path):
    root = tmp_path / "desk"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    put(root, 1)
    return root


def put(root, number, *, since=0, folder="inbox"):
    """New articles about the same flood, some kilobytes long."""
    (root / folder).mkdir(exist_ok=True)
    for at in range(since, since + number):
        words = " ".join(f"word{at}x{n}" for n in range(400))
        text = f"A flood in vale {at}\n\nA flood came down vale {at} on Sunday. {words}."
        (root / folder / f"{at:03}_{at:016x}.txt").write_text(text, "utf-8")


def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return kept | {"PYTHONUNBUFFERED": "1"}


def tocsin(root, *arguments, before=(), **options):
    done = subprocess.run(
        [*before, *TOCSIN, *arguments],
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def figures(root):
    """One more pass, and what the store holds after it: articles, matches, alerts."""
    assert tocsin(root, "run", "--all").returncode == 0
    with closing(sqlite3.connect(root / "data" / "tocsin.db")) as connection:
        tables = ("articles", "matches", "alerts")
        return tuple(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)


def assert_said(done, *words):
    """One sentence of ours, with what to do, and the exit code of problems."""
    assert done.returncode == 1, done.stdout + done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("tocsin: "), done.stderr
    assert " — " in last
    assert any(word in last for word in words), last


# --- no room ------------------------------------------------------------------------------------------------------


def limited():
    resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def test_a_pass_that_may_write_no_more_is_told_and_made_whole_by_the_next(desk):
    assert figures(desk) == (1, 1, 1)
    put(desk, ARTICLES, since=1)
    assert_said(tocsin(desk, "run", "--all", preexec_fn=limited), "has room and is sound", "make room")
    assert figures(desk) == (ARTICLES + 1, ARTICLES + 1, 1)


@cache
def apart():
    """In front of a command: file systems of its own, which are gone with it; None where that is not allowed."""
    for command in (["unshare", "-m"], ["unshare", "-rm"]):
        if (
            shutil.which("unshare")
            and not subprocess.run(
                [*command, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
            ).returncode
        ):
            return command
    return None


ON_A_SMALL_DISK = r"""
mount -t tmpfs -o size=3m none "$1" && cp -r "$2/." "$1" && cd "$1" || exit 9
python=$3; shift 3
say() { echo "@ $*"; "$python" -m tocsin "$@" 2>&1; echo "= $?"; }
say run; rm -r inbox; mv more inbox
fill() { cat /dev/zero > filler 2>&-; }
fill; truncate -s -150K filler
say run --all
fill
say run --all; say status; say upkeep; say alerts list; say sources list; say backup copy.db
cp rules/r.yaml /dev/shm/r.$$; say schema --write; cmp rules/r.yaml /dev/shm/r.$$ && echo "@ kept" && echo "= 0"
rm /dev/shm/r.$$; say init new; ls copy.db* && echo "half a backup"
rm filler; say init new; say run --all --json; say status --json; say alerts list --json --limit 999
cd new; say check
"""


@pytest.mark.skipif(apart() is None, reason="this user may mount nothing, not even apart from the others")
def test_on_a_full_disk_every_command_says_so_and_with_room_again_nothing_is_missing(desk, tmp_path):
    put(desk, ARTICLES + 1, folder="more")
    (tmp_path / "disk").mkdir()
    command = [*apart(), "sh", "-c", ON_A_SMALL_DISK, "sh", str(tmp_path / "disk"), str(desk), sys.executable]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    assert "Traceback" not in done.stdout, done.stdout
    said = [part.rpartition("= ") for part in done.stdout.split("@ ")[1:]]
    answers = [(text.partition("\n")[0], int(code.split()[0]), text.partition("\n")[2]) for text, _, code in said]
    steps = iter(answers)
    assert next(steps)[:2] == ("run", 0)
    name, code, text = next(steps)
    assert (name, code) == ("run --all", 1)
    assert "make room on the disk, then run again: nothing is lost" in text
    for name, code, text in (next(steps) for _ in range(6)):
        assert code == 1, (name, text)
        assert " room" in text.splitlines()[-1], (name, text)
    name, code, text = next(steps)
    assert (name, code) == ("schema --write", 2)
    assert "No space left on device) — mend its permissions, or make room on the disk" in text
    assert next(steps)[:2] == ("kept", 0), "a file that a person wrote is whole"
    name, code, text = next(steps)
    assert (name, code) == ("init new", 2)
    assert text.startswith("tocsin: new/")
    assert "half a backup" not in done.stdout
    assert next(steps)[:2] == ("init new", 0)
    assert next(steps)[1] == 0
    assert json.loads(next(steps)[2])["articles"] == ARTICLES + 1
    assert len(next(steps)[2].splitlines()) == 1, "and it was told once"
    assert next(steps)[:2] == ("check", 0), "what could not be written whole was not left half written"


def test_an_output_that_takes_no_more_is_told(desk):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*TOCSIN, "match", "inbox"], cwd=desk, env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


# --- read-only ----------------------------------------------------------------------------------------------------


def bound():
    """In front of a command: even root keeps to the permissions of files."""
    return ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []


def allow(root, *, write):
    for path in [root, *root.rglob("*")]:
        path.chmod((0o755 if path.is_dir() else 0o644) & (0o777 if write else 0o555))


@pytest.fixture
def locked(desk):
    """Makes the desk read-only; it can be deleted afterwards."""
    yield lambda: allow(desk, write=False)
    allow(desk, write=True)


@pytest.mark.parametrize("command", [*READING, *WRITING], ids=" ".join)
def test_a_folder_that_may_not_be_written_is_named(desk, locked, command):
    assert figures(desk) == (1, 1, 1)
    locked()
    assert_said(tocsin(desk, *command, before=bound()), "permissions", "can be written to", "choose another folder")


@pytest.mark.parametrize("command", [("run",), ("alerts", "list")], ids=" ".join)
def test_a_workspace_without_room_for_its_data_folder_is_named(desk, locked, command):
    locked()
    done = tocsin(desk, *command, before=bound())
    assert_said(done, "choose a folder that can be written to")
    assert "/data: cannot be made (Permission denied)" in done.stderr


def test_what_needs_no_store_works_in_a_read_only_folder(desk, locked):
    locked()
    for command in (("check",), ("test",), ("match", "inbox"), ("explain", "inbox/000_0000000000000000.txt")):
        assert tocsin(desk, *command, before=bound()).returncode == 0, command


def test_a_pass_goes_on_by_itself_when_the_folder_can_be_written_again(desk, locked):
    assert figures(desk) == (1, 1, 1)
    put(desk, 3, since=1)
    locked()
    assert_said(tocsin(desk, "run", "--all", before=bound()), "permissions", "can be written to")
    allow(desk, write=True)
    assert figures(desk) == (4, 4, 1)


def test_the_service_says_what_it_may_not_write(desk, locked):
    shutil.copytree(Path(__file__).parents[2] / "flows", desk / "flows")
    (desk / "data").mkdir()
    locked()
    done = tocsin(desk, "serve", before=bound())
    assert done.returncode == 1
    assert "cannot be made (Permission denied) — let this user write to data/" in done.stdout
