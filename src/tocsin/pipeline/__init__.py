"""The order of calls: collect → judge and commit → deliver. It makes no decisions of its own.

Each step can be run alone and again: collecting writes nothing, judging writes each source's pass in one transaction,
delivering takes up whatever the outbox holds. A process that dies between any two loses nothing.
"""

from tocsin.pipeline.commit import Judged, NotTold
from tocsin.pipeline.heartbeat import ping
from tocsin.pipeline.looking import look_again
from tocsin.pipeline.passes import Taken, TickReport, begin, collect, finish, judge, report_of, send, take_in, tick
from tocsin.pipeline.selfwatch import watch_self
from tocsin.pipeline.upkeep import UpkeepReport, upkeep

__all__ = [
    "Judged",
    "NotTold",
    "Taken",
    "TickReport",
    "UpkeepReport",
    "begin",
    "collect",
    "finish",
    "judge",
    "look_again",
    "ping",
    "report_of",
    "send",
    "take_in",
    "tick",
    "upkeep",
    "watch_self",
]
