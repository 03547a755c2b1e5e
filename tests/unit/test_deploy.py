"""The files of deploy/ as far as they can be judged without running them: they parse, agree, and hide nothing."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tocsin.settings import KEEP, LIMIT, Keep
from tocsin.sources.answers import Limits

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NAME = re.compile(r"\b(?:(?:TOCSIN|PREFECT)_[A-Z_]+|POSTGRES_PASSWORD)\b")
UNITS = ["tocsin.service", "tocsin-worker.service", "tocsin-pages.service"]
EXAMPLE = (DEPLOY / "env.example").read_text(encoding="utf-8")
LIMITS = {LIMIT + name.upper(): value for name, value in dataclasses.asdict(Limits()).items()}
AGES = {KEEP + name.upper(): value for name, value in dataclasses.asdict(Keep()).items()}
SETTINGS = {match[1] for match in re.finditer(rf"^#?({NAME.pattern})=", EXAMPLE, re.MULTILINE)}


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    return yaml.safe_load(text("compose.yaml"))


def services() -> dict[str, dict[str, Any]]:
    return compose()["services"]


def unit(name: str) -> dict[str, list[str]]:
    """Every key of the unit with its values."""
    found: dict[str, list[str]] = {}
    for line in text(name).splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "prefect.yaml", *UNITS, "README.md"])
def test_every_variable_of_a_file_is_explained_in_env_example(name: str) -> None:
    assert set(NAME.findall(text(name))) - SETTINGS == set()


def test_every_variable_of_the_code_is_explained_in_env_example() -> None:
    code = (ROOT / "src" / "tocsin" / "settings.py").read_text(encoding="utf-8")
    read = {"TOCSIN_" + name for name in re.findall(r'PREFIX \+ "([A-Z_]+)"', code)}
    flows = {name for path in (ROOT / "flows").glob("*.py") for name in NAME.findall(path.read_text(encoding="utf-8"))}
    channels = set(
        re.findall(r"^[^#\n]*\$\{(TOCSIN_[A-Z_]+)\}", (ROOT / "rules/channels.yaml").read_text("utf-8"), re.MULTILINE)
    )
    assert read
    assert channels
    assert (read | flows | channels | LIMITS.keys() | AGES.keys()) - SETTINGS == set()


def test_env_example_gives_each_limit_and_age_as_it_ships() -> None:
    told = dict(re.findall(rf"^#((?:{LIMIT}|{KEEP})[A-Z_]+)=(\S+)$", EXAMPLE, re.MULTILINE))
    assert {name: float(value) for name, value in told.items()} == LIMITS | AGES


def test_env_example_names_nothing_that_nobody_reads() -> None:
    places = [*DEPLOY.iterdir(), *(ROOT / "flows").glob("*.py"), ROOT / "rules" / "channels.yaml"]
    known = {name for path in places if path.name != "env.example" for name in NAME.findall(path.read_text("utf-8"))}
    code = (ROOT / "src" / "tocsin" / "settings.py").read_text(encoding="utf-8")
    known |= {"TOCSIN_" + name for name in re.findall(r'PREFIX \+ "([A-Z_]+)"', code)}
    assert SETTINGS - known - LIMITS.keys() - AGES.keys() == set()


def test_env_example_is_plain_enough_for_both_readers_of_it() -> None:
    """docker takes quotes literally, systemd does not take `export`: neither may stand there."""
    lines = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Z_]+=[^\"'\s]*", line)] == []


def test_env_example_holds_no_secret() -> None:
    assert "\nTOCSIN_DESK_URL=\n" in EXAMPLE


# --- containers -------------------------------------------------------------------------------------------------------


def tool(name: str) -> str:
    """A program that CI installs beside Python, or that the machine has."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip(f"{name} is not on this machine: `make setup` with the group deploy brings it")
    return found


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files as `docker compose` finds them, with settings as a person fills them in."""
    for folder in ("deploy", "sources", "rules", "flows"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", ".env"))
    filled = re.sub(r"^POSTGRES_PASSWORD=$", "POSTGRES_PASSWORD=0a1b2c", EXAMPLE, flags=re.MULTILINE)
    (tmp_path / "deploy" / ".env").write_text(filled, encoding="utf-8")
    return tmp_path


def composed(root: Path, **said: str) -> subprocess.CompletedProcess[str]:
    command = [tool("docker-compose"), "-f", str(root / "deploy" / "compose.yaml"), "config", "--format", "json"]
    plain = {"PATH": os.environ["PATH"], "HOME": str(root), **said}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=plain)


def test_docker_compose_understands_every_line(checkout: Path) -> None:
    done = composed(checkout, TOCSIN_WORKERS="3")
    assert (done.returncode, done.stderr) == (0, "")
    read = json.loads(done.stdout)["services"]
    assert read["worker"]["deploy"]["replicas"] == 3
    assert "--concurrency-limit 3" in read["deployments"]["command"][0]
    for name in ("worker", "pages", "deployments"):
        assert read[name]["environment"]["TOCSIN_DATABASE_URL"] == "postgresql://tocsin:0a1b2c@postgres:5432/tocsin"
        assert read[name]["read_only"], name


def test_compose_does_not_start_with_an_empty_password(checkout: Path) -> None:
    (checkout / "deploy" / ".env").write_text(EXAMPLE, encoding="utf-8")
    done = composed(checkout)
    assert done.returncode != 0
    assert "POSTGRES_PASSWORD is missing a value: write it into deploy/.env" in done.stderr


def test_the_linter_finds_nothing_in_the_dockerfile() -> None:
    done = subprocess.run(
        [tool("hadolint"), "--no-color", str(DEPLOY / "Dockerfile")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_every_path_of_the_compose_file_exists() -> None:
    for service in services().values():
        if "build" in service:
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    mounts = [volume for volume in services()["worker"]["volumes"] if volume.startswith("${")]
    assert len(mounts) == 3
    for mount in mounts:
        inside = re.fullmatch(r"\$\{TOCSIN_WORKSPACE:-\.\.\}/(\w+):/workspace/\1:ro", mount)
        assert inside, mount
        assert (ROOT / inside[1]).is_dir()


def test_named_volumes_are_declared() -> None:
    used = {
        volume.partition(":")[0]
        for service in services().values()
        for volume in service.get("volumes", ())
        if not volume.startswith(("$", ".", "/"))
    }
    assert used == set(compose()["volumes"])


@pytest.mark.parametrize("service", services())
def test_a_container_has_no_more_rights_than_it_needs(service: str) -> None:
    spec = services()[service]
    assert spec["read_only"] is True
    assert spec["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in spec["security_opt"]
    assert not spec.get("privileged")
    assert all(port.startswith("127.0.0.1:") for port in spec.get("ports", []))
    assert spec.get("image") == "tocsin" or spec["user"] not in {"root", "0"}


def test_every_container_says_whether_it_is_well() -> None:
    asked = {name: "healthcheck" in spec for name, spec in services().items()}
    assert [name for name, own in asked.items() if not own] == ["pages"], "which has the image's own"
    assert "/healthz" in re.findall(r"^HEALTHCHECK (?:.*\\\n)*.*$", text("Dockerfile"), re.MULTILINE)[0]


def test_the_workers_wait_for_what_they_stand_on() -> None:
    waits = {name: spec.get("depends_on", {}) for name, spec in services().items()}
    assert waits["prefect"] == {"postgres": {"condition": "service_healthy"}}
    assert waits["deployments"] == {"prefect": {"condition": "service_healthy"}}
    assert waits["worker"]["deployments"] == {"condition": "service_completed_successfully"}
    assert "/api/health" in " ".join(services()["prefect"]["healthcheck"]["test"])
    assert services()["worker"]["environment"]["PREFECT_API_URL"] == "http://prefect:4200/api"


def test_server_and_workers_have_each_their_own_database() -> None:
    assert compose()["configs"]["prefect_database"]["content"] == "CREATE DATABASE prefect;"
    assert services()["prefect"]["environment"]["PREFECT_SERVER_DATABASE_CONNECTION_URL"].endswith("/prefect")
    assert services()["worker"]["environment"]["TOCSIN_DATABASE_URL"].endswith("/tocsin")


def test_the_image_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (.+)$", text("Dockerfile"), re.MULTILINE)
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}


def test_what_the_image_copies_is_there_and_let_through() -> None:
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", text("Dockerfile"), re.MULTILINE)
        for name in line.split()[:-1]
    }
    let_through = set(re.findall(r"^!(.+)$", text("Dockerfile.dockerignore"), re.MULTILINE))
    assert copied == let_through
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_secrets_stay_out_of_the_image_and_out_of_git() -> None:
    lines = text("Dockerfile.dockerignore").splitlines()
    assert lines.index("deploy/.env") > lines.index("!deploy"), "the last line that fits decides"
    assert ".env" in text(".gitignore").split()


# --- Prefect ----------------------------------------------------------------------------------------------------------


def deployments() -> list[dict[str, Any]]:
    return yaml.safe_load(text("prefect.yaml"))["deployments"]


@pytest.mark.parametrize("deployment", deployments(), ids=lambda one: one["name"])
def test_a_deployment_points_to_its_flow_and_passes_what_it_takes(deployment: dict[str, Any]) -> None:
    path, _, name = deployment["entrypoint"].partition(":")
    flow = (ROOT / path).read_text(encoding="utf-8")
    signature = re.search(rf"^def {name}\((.*?)\)", flow, re.MULTILINE | re.DOTALL)
    assert signature
    assert [key for key in deployment["parameters"] if f"{key}:" not in signature[1]] == []


@pytest.mark.parametrize("deployment", deployments(), ids=lambda one: one["name"])
def test_one_run_at_a_time_and_a_late_one_is_cancelled(deployment: dict[str, Any]) -> None:
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    schedules = deployment.get("schedules", [])
    assert len(schedules) == (0 if deployment["name"] == "backfill" else 1), "a backfill is run on request"


def test_every_flow_is_deployed() -> None:
    flows = {path.stem for path in (ROOT / "flows").glob("*.py") if "\n@flow(" in path.read_text(encoding="utf-8")}
    assert {one["name"] for one in deployments()} == flows


def test_the_worker_goes_to_the_workspace_before_it_looks_for_the_flow() -> None:
    (step,) = yaml.safe_load(text("prefect.yaml"))["pull"]
    assert step == {"prefect.deployments.steps.set_working_directory": {"directory": "{{ $TOCSIN_WORKSPACE }}"}}


# --- systemd ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_may_write_to_its_data_only(name: str) -> None:
    found = unit(name)
    assert found["ProtectSystem"] == ["strict"]
    assert found["NoNewPrivileges"] == ["yes"]
    assert found["ReadWritePaths"] == [f"{found['WorkingDirectory'][0]}/data"]
    assert found["User"] != ["root"]
    assert found["CapabilityBoundingSet"] == [""]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("tocsin.service", "serve"),
        ("tocsin-worker.service", "worker start --pool tocsin"),
        ("tocsin-pages.service", "pages"),
    ],
)
def test_a_unit_starts_what_it_is_named_after(name: str, command: str) -> None:
    assert command in unit(name)["ExecStart"][0]
    assert unit(name)["EnvironmentFile"] == ["/etc/tocsin/env"]


@pytest.mark.parametrize("name", ["tocsin.service", "tocsin-worker.service"])
def test_a_pass_under_way_is_asked_to_stop_before_it_is_killed(name: str) -> None:
    found = unit(name)
    assert found["KillMode"] == ["mixed"]
    assert "KillSignal" not in found
    assert int(found["TimeoutStopSec"][0]) >= 30


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not on this machine")
    return subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(params=UNITS)
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A unit with a program that exists here in place of those in /opt/tocsin."""
    path = tmp_path / request.param
    path.write_text(re.sub(r"/opt/tocsin/bin/\w+", sys.executable, text(request.param)), encoding="utf-8")
    return path


def test_systemd_understands_every_line_of_a_unit(installed: Path) -> None:
    done = analyze("verify", "--man=no", str(installed))
    told = [line for line in done.stderr.splitlines() if installed.name in line]
    assert (done.returncode, told) == (0, [])


def test_systemd_finds_a_unit_well_protected(installed: Path) -> None:
    done = analyze("security", "--offline=true", "--no-pager", "--threshold=25", str(installed))
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze cannot judge a unit that is not installed")
    assert done.returncode == 0, done.stdout[-2000:]


def test_the_readme_names_every_file_and_says_what_was_not_tried() -> None:
    readme = text("README.md")
    files = {path.name for path in DEPLOY.iterdir()} - {"README.md", "Dockerfile.dockerignore", ".gitignore", ".env"}
    assert [name for name in files if f"`{name}`" not in readme] == []
    assert "No image was built" in readme
