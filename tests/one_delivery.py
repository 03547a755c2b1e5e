"""An outbox on disk with one alert for one channel, and a clock that is set by hand."""

from contextlib import contextmanager
from datetime import timedelta
from random import Random

from alerting import NOON, alert
from tocsin.alerts.deliver import deliver
from tocsin.store import open_store, outbox

ID = outbox.delivery_id(alert().id, "desk")


class OneDelivery:
    """What becomes of it, pass by pass."""

    def __init__(self, store):
        self._outbox = store.outbox

    def passed(self, channel, minutes=0):
        """One pass over the outbox, so long after the alert: the delivery as it stands then."""
        now = NOON + timedelta(minutes=minutes)
        deliver(self._outbox, {"desk": channel}, worker="w", now=lambda: now, rng=Random(1))
        (row,) = self._outbox.listing()
        return row


@contextmanager
def one_delivery(folder):
    """The outbox, in a store that is made in the folder."""
    with open_store(f"sqlite:///{folder}/tocsin.db", folder) as store:
        with store.writing() as connection:
            outbox.save_alert(connection, alert())
            outbox.save_delivery(connection, alert(), "desk")
        yield OneDelivery(store)
