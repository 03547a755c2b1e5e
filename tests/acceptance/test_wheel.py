"""What people install works: the wheel, in an environment that never saw the repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from newsroom.server import Newsroom

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv", path=Path(sys.executable).parent)


def run(*command, cwd, code=0, **env):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if not k.startswith(("TOCSIN_", "PREFECT_"))} | env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """`tocsin` from the built wheel, with the locked dependencies and nothing of the development tools."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False)
    if files.returncode != 0:
        pytest.skip("not a git checkout: what belongs to the project cannot be told from what lies about")
    for name in files.stdout.decode().splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=source)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=folder)
    python = environment / "bin" / "python"
    sync = [UV, "sync", "--frozen", "--no-dev", "--no-install-project", "--quiet"]
    # What `make setup` fetched is in uv's cache; only where pip did the setup must the registry be asked again.
    try:
        run(*sync, "--offline", cwd=source, UV_PROJECT_ENVIRONMENT=str(environment))
    except AssertionError:
        run(*sync, cwd=source, UV_PROJECT_ENVIRONMENT=str(environment))
    run(UV, "pip", "install", "--offline", "--no-deps", "--quiet", "--python", python, wheel, cwd=folder)
    shutil.rmtree(source)
    return environment / "bin" / "tocsin"


def test_init_check_and_run_from_the_wheel(installed, tmp_path):
    desk = tmp_path / "desk"
    assert "files written" in run(installed, "init", desk, cwd=tmp_path)
    assert {path.name for path in desk.iterdir()} == {"sources", "rules", "flows", "deploy"}
    assert "fine" in run(installed, "check", cwd=desk)
    assert " 0 failed" in run(installed, "test", cwd=desk)
    shutil.rmtree(desk / "sources")
    (desk / "sources").mkdir()
    with Newsroom() as room:
        room.write_sources(desk / "sources")
        # One outlet of the newsroom is dead on purpose: that is a problem (1), and everything else is done.
        told = run(installed, "run", "--alert-on-first", cwd=desk, code=1)
    assert "silent-gazette" in told
    assert "missile" in told.lower()


def test_init_leaves_what_is_there_alone(installed, tmp_path):
    desk = tmp_path / "desk"
    run(installed, "init", desk, cwd=tmp_path)
    mine = desk / "rules" / "channels.yaml"
    mine.write_text("# mine\n")
    assert "left alone" in run(installed, "init", desk, cwd=tmp_path)
    assert mine.read_text() == "# mine\n"
