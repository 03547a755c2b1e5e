"""What looks after the processes of `tocsin serve`, with small programs in place of Prefect."""

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

FLOWS = Path(__file__).parents[2] / "flows"


@pytest.fixture
def serve():
    spec = importlib.util.spec_from_file_location("serve_under_test", FLOWS / "serve.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def until(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def program(text):
    return [sys.executable, "-c", text]


def lives(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_that_ends_is_told_of_once_and_due_again_later_each_time(serve, capsys):
    child = serve.Child("the sleeper", program("raise SystemExit(3)"))
    waits = []
    for _ in range(3):
        child.start()
        until(lambda: not child.runs)
        assert child.has_ended()
        assert not child.has_ended()
        assert not child.is_due()
        waits.append(child._wait)
    assert waits == sorted(set(waits)), "it waits longer each time"
    assert capsys.readouterr().out.count("the sleeper ended (exit code 3); it is started again in") == 3


def test_a_child_that_does_not_listen_is_killed_with_what_it_started(serve, tmp_path):
    mark = tmp_path / "grandchild"
    child = serve.Child(
        "stubborn",
        program(
            "import signal, subprocess, sys, pathlib, time\n"
            "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            f"pathlib.Path({str(mark)!r}).write_text(str(other.pid))\n"
            "time.sleep(60)"
        ),
    )
    child.start()
    until(mark.exists)
    until(mark.read_text)
    child.end(at_once=True)
    assert not child.runs
    until(lambda: not lives(int(mark.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_child_dies_with_a_supervisor_that_is_killed(serve, tmp_path):
    mark = tmp_path / "pid"
    body = f"import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    above = (
        f"import sys, time; sys.path.insert(0, {str(FLOWS)!r}); import serve\n"
        f"serve.Child('x', [sys.executable, '-c', {body!r}]).start(); time.sleep(60)"
    )
    with subprocess.Popen(program(above)) as supervisor:
        until(mark.exists)
        until(mark.read_text)
        supervisor.kill()
    until(lambda: not lives(int(mark.read_text())))


def test_a_full_log_is_put_aside_and_the_process_goes_on_writing(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "_LOG_BYTES", 1_000)
    log = tmp_path / "server.log"
    child = serve.Child(
        "writer", program("import time\nwhile True: print('x' * 99, flush=True); time.sleep(0.01)"), log=log
    )
    child.start()
    try:
        until(lambda: log.stat().st_size > 1_000)
        child.cut_log()
        assert (tmp_path / "server.log.1").stat().st_size > 1_000
        until(lambda: 0 < log.stat().st_size < 1_000)
    finally:
        child.end(at_once=True)


def test_a_server_that_is_not_there_is_told_of_without_its_password(serve, capsys):
    server = serve.Server(None, "http://someone:secret@127.0.0.1:9/api")
    assert not server.answers()
    answers = iter([False, True])
    server_type = type(server)
    original = server_type.answers
    try:
        server_type.answers = lambda _: next(answers)
        server.wait()
    finally:
        server_type.answers = original
    told = capsys.readouterr().out
    assert "127.0.0.1:9/api (PREFECT_API_URL) does not answer — waiting for it" in told
    assert "secret" not in told


def test_a_clock_that_is_set_is_noticed_once(serve, monkeypatch):
    jumped = serve.clock()
    assert jumped() == 0
    real = time.time
    monkeypatch.setattr(serve.time, "time", lambda: real() - 3_600)
    assert round(jumped()) == -3_600
    assert jumped() == 0


def test_the_environment_bounds_prefects_history_and_leaves_what_is_set(serve, tmp_path, monkeypatch):
    from tocsin.settings import Keep

    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TMPDIR", os.environ.get("TMPDIR", "/tmp"))
    monkeypatch.setenv("PREFECT_HOME", "/elsewhere")
    before = dict(os.environ)
    try:
        serve.prepare(tmp_path, Keep(runs=3))
        assert os.environ["PREFECT_HOME"] == "/elsewhere"
        assert os.environ["PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD"] == "259200"
        assert os.environ["PREFECT_SERVER_EVENTS_RETENTION_PERIOD"] == "P1D"
    finally:
        os.environ.clear()
        os.environ.update(before)
