import threading
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting import NOON, alert
from memory_outbox import MemoryOutbox
from tocsin.alerts.breaker import FAILURES
from tocsin.alerts.deliver import KEEP_TRYING, MAX_ATTEMPTS, backoff, deliver
from tocsin.alerts.render import Message
from tocsin.model import Delivery, DeliveryState, Rate, SendOutcome, SendResult

SENT = SendResult(outcome=SendOutcome.SENT)
BROKEN = SendResult(outcome=SendOutcome.TRANSIENT, detail="HTTP 503")
REFUSED = SendResult(outcome=SendOutcome.PERMANENT, detail="HTTP 404")


@dataclass
class Tape:
    """A channel that answers from a list, then with the last answer for good, and keeps what it was given."""

    id: str = "desk"
    answers: list[SendResult] = field(default_factory=lambda: [SENT])
    missing: str = ""
    sent: list[tuple[str, Message]] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:
        self.sent.append((delivery_id, message))
        self.threads.append(thread)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Bug(Tape):
    def send(self, *_: object) -> SendResult:
        msg = "https://hooks.example/SECRET"
        raise RuntimeError(msg)


def delivery(name, channel="desk", **changes):
    return Delivery(id=name, alert=alert(), channel=channel, **changes)


def run(outbox, *channels, at=NOON, **keys):
    by_id = {channel.id: channel for channel in channels}
    return deliver(outbox, by_id, worker="w1", now=lambda: at, rng=Random(1), **keys)


def box(*deliveries, created_at=NOON):
    return MemoryOutbox(*deliveries, created_at=created_at)


def test_due_deliveries_are_sent_in_order_and_settled():
    outbox, desk = box(delivery("d1"), delivery("d2")), Tape()
    report = run(outbox, desk)
    assert [name for name, _ in desk.sent] == ["d1", "d2"]
    assert desk.sent[0][1].subject.startswith("CRITICAL — Missile launch")
    assert outbox.states() == {"d1": "sent", "d2": "sent"}
    assert (report.sent, report.failed, report.dead, report.held) == (2, 0, 0, 0)
    assert outbox["d1"].delivery.attempts == 1


def test_sent_is_written_only_after_the_send():
    outbox = box(delivery("d1"))
    seen = []

    class Watching(Tape):
        def send(self, message, delivery_id, thread=""):
            seen.append((outbox[delivery_id].delivery.state, outbox[delivery_id].started))
            return super().send(message, delivery_id, thread)

    run(outbox, Watching())
    assert seen == [(DeliveryState.PENDING, NOON)]


def test_transient_failure_waits_and_is_sent_later():
    outbox, desk = box(delivery("d1")), Tape(answers=[BROKEN, SENT])
    assert run(outbox, desk).failed == 1
    row = outbox["d1"].delivery
    assert (row.state, row.attempts, row.last_error) == (DeliveryState.FAILED, 1, "HTTP 503")
    assert timedelta(seconds=15) <= row.due_at - NOON <= timedelta(seconds=30)
    assert run(outbox, desk).results == ()
    assert run(outbox, desk, at=NOON + timedelta(seconds=31)).sent == 1


def test_permanent_failure_is_given_up_at_once():
    outbox = box(delivery("d1"), delivery("d2"))
    report = run(outbox, Tape(answers=[REFUSED, SENT]))
    assert outbox.states() == {"d1": "dead", "d2": "sent"}
    assert report.dead == 1


def test_ten_transient_failures_and_a_day_are_the_end():
    outbox = box(delivery("d1", attempts=MAX_ATTEMPTS - 1))
    run(outbox, Tape(answers=[BROKEN]), at=NOON + KEEP_TRYING)
    assert outbox.states() == {"d1": "dead"}


def test_a_night_without_the_receiver_gives_nothing_up():
    outbox = box(delivery("d1", attempts=3 * MAX_ATTEMPTS))
    run(outbox, Tape(answers=[BROKEN]), at=NOON + KEEP_TRYING / 2)
    assert outbox.states() == {"d1": "failed"}
    outbox = box(delivery("d1", attempts=MAX_ATTEMPTS - 2))
    run(outbox, Tape(answers=[BROKEN]), at=NOON + 2 * KEEP_TRYING)
    assert outbox.states() == {"d1": "failed"}, "an old alert that is sent again has its tries too"


def test_broken_channel_is_left_alone_and_its_deliveries_stay_as_they_were():
    outbox, desk = box(*(delivery(f"d{n}") for n in range(25))), Tape(answers=[BROKEN])
    report = run(outbox, desk)
    assert len(desk.sent) == FAILURES
    assert report.resting == ("desk",)
    assert sum(state == "pending" for state in outbox.states().values()) == 25 - FAILURES
    assert not any(row.owner for row in outbox.rows.values())


def test_single_failures_do_not_stop_a_channel():
    outbox = box(*(delivery(f"d{n}") for n in range(6)))
    report = run(outbox, Tape(answers=[BROKEN, BROKEN, SENT, BROKEN, BROKEN, SENT]))
    assert (report.sent, report.failed, report.resting) == (2, 4, ())


def test_channel_that_rests_is_tried_with_one_delivery_when_its_rest_is_over():
    outbox, desk = box(*(delivery(f"d{n}") for n in range(6))), Tape(answers=[BROKEN])
    run(outbox, desk)
    assert run(outbox, desk, at=NOON + timedelta(seconds=20)).results == ()
    later = NOON + timedelta(minutes=1)
    assert run(outbox, desk, at=later).failed == 1
    assert desk.sent[-1][0] == "d3", "that which was tried least"
    assert run(outbox, desk, at=later + timedelta(seconds=40)).results == (), "it rests longer each time"
    desk.answers = [SENT]
    assert run(outbox, desk, at=later + timedelta(hours=1)).sent == 6


def test_rest_that_a_receiver_asks_for_counts_for_the_whole_channel():
    busy = SendResult(outcome=SendOutcome.TRANSIENT, detail="HTTP 429", retry_after=300.0)
    outbox, desk = box(delivery("d1"), delivery("d2")), Tape(answers=[busy, SENT])
    assert run(outbox, desk).resting == ("desk",)
    assert run(outbox, desk, at=NOON + timedelta(seconds=299)).results == ()
    assert run(outbox, desk, at=NOON + timedelta(seconds=301)).sent == 2


def test_rate_is_kept_over_passes():
    outbox, desk = box(*(delivery(f"d{n}") for n in range(30))), Tape()
    rates = {"desk": Rate(12, 60)}
    assert run(outbox, desk, rates=rates).sent == 12
    assert run(outbox, desk, rates=rates, at=NOON + timedelta(seconds=59)).sent == 0
    assert run(outbox, desk, rates=rates, at=NOON + timedelta(seconds=61)).sent == 12


def test_further_alerts_of_a_story_answer_its_first_message():
    root = SendResult(outcome=SendOutcome.SENT, receipt="m1")
    other = Delivery(id="d3", alert=alert(id="c" * 32, story="6" * 16), channel="desk")
    outbox, desk = box(delivery("d1"), delivery("d2"), other), Tape(answers=[root, SENT])
    run(outbox, desk)
    assert desk.threads == ["", "m1", ""]


def test_hanging_channel_does_not_delay_another():
    other_done = threading.Event()

    class Hanging(Tape):
        def send(self, *_):
            assert other_done.wait(20), "the healthy channel was made to wait"
            return SENT

    class Healthy(Tape):
        def send(self, *_):
            other_done.set()
            return SENT

    outbox = box(delivery("d1", "slow"), delivery("d2", "quick"))
    assert run(outbox, Hanging(id="slow"), Healthy(id="quick")).sent == 2


def test_error_inside_a_channel_is_a_recorded_failure_without_its_text(caplog):
    outbox = box(delivery("d1"), delivery("d2", "other"))
    report = run(outbox, Bug(), Tape(id="other"))
    assert outbox.states() == {"d1": "failed", "d2": "sent"}
    assert outbox["d1"].delivery.last_error == "internal error (RuntimeError)"
    assert "SECRET" not in caplog.text + str(report)


def test_unconfigured_channel_holds_and_releases_within_a_day():
    outbox = box(delivery("d1"))
    report = run(outbox, Tape(missing="TOCSIN_DESK_URL not set"))
    assert (report.held, outbox.states()) == (1, {"d1": "held"})
    assert outbox["d1"].delivery.attempts == 0
    assert outbox["d1"].delivery.last_error == "TOCSIN_DESK_URL not set"
    assert run(outbox, Tape(), at=NOON + timedelta(hours=23)).sent == 1


def test_what_was_held_for_more_than_a_day_is_not_told_as_news():
    outbox = box(delivery("d1"))
    run(outbox, Tape(missing="TOCSIN_DESK_URL not set"))
    assert run(outbox, Tape(), at=NOON + timedelta(hours=25)).results == ()
    assert outbox.states() == {"d1": "held"}


def test_delivery_to_a_channel_that_is_gone_is_held_with_a_reason():
    outbox = box(delivery("d1", "gone"))
    run(outbox, Tape())
    assert "'gone'" in outbox["d1"].delivery.last_error
    assert outbox.states() == {"d1": "held"}


def test_delivery_taken_over_by_another_worker_is_not_sent():
    class Losing(MemoryOutbox):
        def start(self, *_):
            return None

    outbox, desk = Losing(delivery("d1"), created_at=NOON), Tape()
    report = run(outbox, desk)
    assert (desk.sent, report.results) == ([], ())


def test_lease_of_a_dead_worker_ends():
    outbox = box(delivery("d1"))
    outbox.claim("desk", "dead", NOON, 10, timedelta(minutes=10))
    assert run(outbox, Tape()).results == ()
    assert run(outbox, Tape(), at=NOON + timedelta(minutes=10)).sent == 1


def test_limit_is_kept_for_each_channel():
    outbox = box(*(delivery(f"d{n}") for n in range(30)))
    assert run(outbox, Tape(), limit=12).sent == 12


def test_results_are_told_one_by_one():
    told = []
    run(box(delivery("d1"), delivery("d2")), Tape(), told=lambda result: told.append(result.delivery.id))
    assert told == ["d1", "d2"]


def test_error_of_the_outbox_is_raised_after_the_others_have_finished():
    class Failing(MemoryOutbox):
        def settle(self, delivery_id, *args, **keys):
            if delivery_id == "d1":
                msg = "disk full"
                raise OSError(msg)
            super().settle(delivery_id, *args, **keys)

    outbox = Failing(delivery("d1"), delivery("d2", "other"), created_at=NOON)
    with pytest.raises(OSError, match="disk full"):
        run(outbox, Tape(), Tape(id="other"))
    assert outbox.states() == {"d1": "pending", "d2": "sent"}


@given(st.integers(1, 10_000), st.integers(), st.none() | st.floats(0, 1e9))
def test_backoff_grows_to_an_hour_and_keeps_to_retry_after(attempts, seed, asked):
    wait = backoff(attempts, Random(seed), asked).total_seconds()
    longest = min(3600.0, 30.0 * 2 ** min(attempts - 1, 10))
    least, most = max(longest / 2, min(asked or 0, 86400)), max(longest, min(asked or 0, 86400))
    assert least - 1e-6 <= wait <= most + 1e-6


# --- digests ------------------------------------------------------------------------------------------------------

MORNING = "2026-03-04T08:00:00+00:00"


def test_a_digest_is_one_message_however_many_deliveries_it_has():
    members = [delivery(f"d{n:02}", digest=MORNING) for n in range(25)]
    outbox, desk = box(*members, delivery("alone")), Tape()
    report = run(outbox, desk)
    assert len(desk.sent) == 2
    (digest,) = (message for _, message in desk.sent if message.subject.startswith("Digest"))
    assert digest.subject == "Digest: 25 alerts up to 2026-03-04 08:00 UTC"
    assert digest.text.count("Story 5555555555555555") == 25
    assert set(outbox.states().values()) == {"sent"}
    assert report.sent == 26


def test_a_digest_that_failed_is_sent_whole_and_under_the_same_id():
    outbox = box(delivery("d1", digest=MORNING), delivery("d2", digest=MORNING))
    desk = Tape(answers=[BROKEN, SENT])
    run(outbox, desk)
    assert set(outbox.states().values()) == {"failed"}
    run(outbox, desk, at=NOON + timedelta(hours=2))
    assert len({name for name, _ in desk.sent}) == 1
    assert [message.text.count("Story") for _, message in desk.sent] == [2, 2]
    assert set(outbox.states().values()) == {"sent"}


def test_digests_of_two_times_or_channels_have_ids_of_their_own():
    evening = "2026-03-04T18:00:00+00:00"
    members = [delivery("d1", digest=MORNING), delivery("d2", digest=evening), delivery("d3", "mail", digest=MORNING)]
    desk, mail = Tape(), Tape(id="mail")
    run(box(*members), desk, mail)
    assert len({name for name, _ in (*desk.sent, *mail.sent)}) == 3


def test_a_digest_for_a_channel_without_address_is_held_whole():
    outbox = box(delivery("d1", digest=MORNING), delivery("d2", digest=MORNING))
    run(outbox, Tape(missing="$DESK is not set"))
    assert set(outbox.states().values()) == {"held"}
