"""Who is told what is wrong with the watch itself, and after how long."""

from __future__ import annotations

from datetime import timedelta

from tocsin.specs.base import Duration, Id, Spec


class HealthSpec(Spec):
    """The `health` of `rules/channels.yaml`."""

    to: tuple[Id, ...] = ()
    """Channels that are told; nobody when empty."""
    failing: Duration = timedelta(hours=3)
    """How long polls of a source must fail."""
    silent: bool = True
    """Whether sources that bring nothing for much longer than usual are told."""
    dead: Duration = timedelta(minutes=30)
    """How long a channel must take nothing; a delivery that is given up is told at once."""
    late: Duration | None = None
    """How long no pass may end; five times TOCSIN_EVERY, 10 minutes at least, when absent."""
    unusable: Duration = timedelta(0)
    """How long a file of the workspace must be unusable; at once when absent."""
