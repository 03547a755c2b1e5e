"""The store: one database, with a room for each thing that is kept.

`open_store` opens it; reading goes through its methods, and a source's pass is written in one transaction
(`Store.writing`), by the functions of the rooms: articles · sources · ledger · outbox · ticks.
"""

from tocsin.store.store import Store, open_store

__all__ = ["Store", "open_store"]
