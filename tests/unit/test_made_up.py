"""A tick that comes too late is not made up, unless the clock was set back since the last one."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.store import open_store, ticks

FLOWS = Path(__file__).parents[2] / "flows"
ASK = """
import sys
sys.path.insert(0, sys.argv[1])
import watch
from datetime import datetime
from pathlib import Path
print(watch.made_up(Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3])))
"""
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("planned", "begun", "made_up"),
    [(-9, -5, True), (-5, -9, False), (-1, 60, False)],
    ids=["a later pass has begun", "the last pass was before it", "the last pass is in the future"],
)
def test_a_late_tick_is_over_at_once_when_a_later_pass_has_begun(tmp_path, planned, begun, made_up):
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{tmp_path}/data/tocsin.db", tmp_path / "data") as store, store.writing() as connection:
        ticks.end(connection, ticks.begin(connection, now + begun * MINUTE), now, {})
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "PREFECT_"))}
    command = [sys.executable, "-c", ASK, str(FLOWS), str(tmp_path), (now + planned * MINUTE).isoformat()]
    done = subprocess.run(
        command,
        env=environment | {"PREFECT_HOME": str(tmp_path / "prefect")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == str(made_up), done.stderr
