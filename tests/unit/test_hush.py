"""What is printed of Prefect's complaints, by the handlers of a real root logger in a process of its own."""

import subprocess
import sys
from pathlib import Path

FLOWS = Path(__file__).parents[2] / "flows"

PROGRAM = """
import logging
from hush import hush

logging.basicConfig(format="%(name)s: %(message)s")
hush()
for name in ("prefect.runner", "prefect.FlowRunSuspendingObserver", "prefect.flow_runs"):
    try:
        {}["gone"]
    except KeyError:
        logging.getLogger(name).exception("no answer of %s", "the server")
logging.getLogger("prefect.runner").warning("all is well, %s", "again")
"""


def test_prefect_complains_in_a_line_and_a_flow_of_ours_whole():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=FLOWS, capture_output=True, text=True, timeout=60, check=True
    )
    first, ours, *traceback, last = done.stderr.splitlines()
    assert first == "prefect.runner: no answer of the server (KeyError: 'gone')"
    assert ours == "prefect.flow_runs: no answer of the server"
    assert traceback[0].startswith("Traceback")
    assert traceback[-1] == "KeyError: 'gone'"
    assert last == "prefect.runner: all is well, again"
