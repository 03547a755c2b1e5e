from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerting import NOON
from tocsin.alerts.breaker import FAILURES, Circuit
from tocsin.model import SendOutcome, SendResult

outcomes = st.builds(
    SendResult, outcome=st.sampled_from(SendOutcome), retry_after=st.none() | st.floats(0, 1e9, allow_nan=False)
)


@given(st.lists(outcomes, max_size=40))
def test_circuit_never_rests_longer_than_an_hour_and_only_after_failures(results):
    circuit, row = Circuit(), 0
    for result in results:
        circuit = circuit.after(result, NOON)
        if result.outcome is not SendOutcome.UNCONFIGURED:
            row = row + 1 if result.outcome is SendOutcome.TRANSIENT else 0
        assert circuit.failures == row
        if circuit.rest_until is None:
            assert row < FAILURES
            assert circuit.allows(NOON, 10) == 10
        else:
            assert row
            assert NOON < circuit.rest_until <= NOON + timedelta(hours=1)
            assert circuit.allows(NOON, 10) == 0
            assert circuit.allows(circuit.rest_until, 10) == 1
            assert circuit.probed(circuit.rest_until).allows(circuit.rest_until, 10) == 0
