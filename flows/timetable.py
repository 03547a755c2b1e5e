"""Registers the flows with their schedules, and runs them when they are due.

`flows/serve.py` starts this as its child, and again when it ends: `python flows/timetable.py WORKSPACE [ours]`, where
`ours` says that the server of PREFECT_API_URL is for this workspace alone.
"""

from __future__ import annotations

import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
from prefect import Flow, serve
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.schedules import Interval
from prefect.states import Crashed

from deliver import deliver
from hush import hush
from tocsin.settings import read_settings
from tocsin.times import utc_now
from tocsin.workspace import load_for_service
from upkeep import upkeep
from watch import watch

RUNS_TOGETHER = 10
"""More than ever run: a late run must reach the server to be cancelled there, and not wait here to be made up."""
UPKEEP_AFTER = timedelta(minutes=10)
"""From the start to the first upkeep, then daily: a machine that is off at night gets its upkeep too."""
_UNFINISHED = ["RUNNING", "PENDING", "CANCELLING"]


def main(root: Path, *, ours: bool) -> int:
    """Serves until SIGTERM or Ctrl-C; the exit code, 1 when the server cannot be had."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    hush()
    for problem in load_for_service(root).problems:
        say(str(problem))
    deployments = plan(root, utc_now())
    try:
        forget_runs(deployments, ours=ours)
        serve(*deployments, print_starting_message=False, limit=RUNS_TOGETHER)
    except (httpx.HTTPError, PrefectException, RuntimeError) as error:
        say(f"the Prefect server cannot be used ({type(error).__name__})")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def plan(root: Path, now: datetime) -> list[RunnerDeployment]:
    """What runs when: ticks, looks at the outbox halfway between two of them, and upkeep once a day."""
    settings = read_settings()
    every = timedelta(seconds=settings.every)
    made = [_deployment(watch, root, every, now), _deployment(upkeep, root, timedelta(days=1), now + UPKEEP_AFTER)]
    if settings.deliver_every:
        made.append(_deployment(deliver, root, timedelta(seconds=settings.deliver_every), now + every / 2))
    return made


def forget_runs(deployments: list[RunnerDeployment], *, ours: bool) -> None:
    """Deletes the runs that are late already: what was missed is not made up.

    On a server of ours it also ends those that an earlier stop or crash left as running, which would hold the only
    place for ever: the server keeps the leases of such places in memory, so after its own restart nothing else frees
    them, and nobody else can be running. On a shared server the lease ends by itself after some minutes.
    """
    with get_client(sync_client=True) as client:
        ids = [found for each in deployments if (found := _id_of(client, each))]
        if not ids:
            return
        for run in client.read_flow_runs(flow_run_filter=_runs(ids, ["SCHEDULED"], utc_now())):
            client.delete_flow_run(run.id)
        for run in client.read_flow_runs(flow_run_filter=_runs(ids, _UNFINISHED)) if ours else ():
            client.set_flow_run_state(run.id, Crashed(message="The service was stopped while this ran."))


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(f"tocsin: {text}", flush=True)


def _deployment(flow: Flow[..., Any], root: Path, every: timedelta, first: datetime) -> RunnerDeployment:
    made = flow.to_deployment(
        name=root.name or "tocsin",
        schedule=Interval(every, anchor_date=first),
        parameters={"workspace": str(root)},
        # One at a time: one that comes too early is cancelled, not queued.
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
    )
    return cast("RunnerDeployment", made)  # a coroutine only inside another one


def _id_of(client: SyncPrefectClient, deployment: RunnerDeployment) -> UUID | None:
    try:
        return client.read_deployment_by_name(f"{deployment.flow_name}/{deployment.name}").id
    except ObjectNotFound:
        return None  # never registered before


def _runs(deployments: list[UUID], states: list[str], before: datetime | None = None) -> FlowRunFilter:
    chosen: dict[str, Any] = {"deployment_id": {"any_": deployments}, "state": {"type": {"any_": states}}}
    if before is not None:
        chosen["expected_start_time"] = {"before_": before}
    return FlowRunFilter.model_validate(chosen)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), ours="ours" in sys.argv[2:]))
