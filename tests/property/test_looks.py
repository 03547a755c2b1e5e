"""Whatever a site answers and however late passes come, nothing is taken back on less than two proofs."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tocsin.alerts.looks import CONFIRM, Finding, Showing, Sight, after, begun, finding

TOLD = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SHOWN = st.sampled_from([Showing.SAME, Showing.GONE, Showing.UNSURE, Showing.CLOSED])
LATE = st.timedeltas(timedelta(0), timedelta(hours=30))


@given(st.lists(st.tuples(SHOWN, LATE), max_size=60), st.booleans())
def test_vanished_means_gone_twice_with_nothing_else_proven_between(answers, seen):
    look = begun("a" * 16, TOLD, text_hash="", says=("launch",) if seen else None)
    gone = []
    for showing, late in answers:
        if look.due_at is None:
            break
        now = look.due_at + late
        found = finding(look, Sight(showing=showing), now)
        gone = [*gone, now] if showing is Showing.GONE else [] if showing is Showing.SAME else gone
        if found is Finding.VANISHED:
            assert seen
            assert showing is Showing.GONE
            assert now - gone[0] >= CONFIRM
        before, look = look, after(look, Sight(showing=showing), now)
        assert look.due_at is None or look.due_at > now
        assert not (look.vanished_at and not look.missing_since)
        assert look.vanished_at == before.vanished_at or found is Finding.VANISHED or showing is Showing.SAME


@given(st.lists(SHOWN, min_size=200, max_size=200))
def test_looks_come_to_an_end(answers):
    look = begun("a" * 16, TOLD, text_hash="", says=("launch",))
    made = 0
    for showing in answers:
        if look.due_at is None:
            break
        assert look.due_at <= TOLD + timedelta(hours=72)
        look, made = after(look, Sight(showing=showing), look.due_at), made + 1
    assert look.due_at is None
    assert made <= 160
