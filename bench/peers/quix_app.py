"""The job as a Quix Streams application: processes of one consumer group, state in RocksDB and changelog topics.

State belongs to a message's key. That is the customer, to whom all transactions of a card belong, so the token is a
name within the customer's state, and the stream need not go through Kafka once more to be keyed by card.
"""

from __future__ import annotations

from typing import Any

from quixstreams import Application, State

from bench.peers.ends import Ends
from bench.peers.velocity import Prepared, flagged, prepare, reasons, recent

COMMIT_SECONDS = 30.0


def step(prepared: Prepared, state: State) -> list[bytes]:
    """The message of a transaction that is flagged."""
    token, (transaction_id, event_ms, amount_minor) = prepared
    times = recent(state.get(token), event_ms)
    state.set(token, times)
    why = reasons(amount_minor, len(times))
    return [flagged(token, transaction_id, why)] if why else []


def application(ends: Ends) -> Application:
    token = ends.tokeniser()

    def read(message: Any) -> Prepared:
        return prepare((message,), token)[0]

    app = Application(
        ends.bootstrap,
        consumer_group=ends.output,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        producer_extra_config={"linger.ms": 1},
        state_dir=ends.folder,
        loglevel="WARNING",
    )
    stream = app.dataframe(app.topic(ends.input, value_deserializer="bytes"))
    stream = stream.apply(read).apply(step, stateful=True, expand=True)
    stream.to_topic(app.topic(ends.output, value_serializer="bytes"))
    return app


if __name__ == "__main__":
    application(Ends.of_environment()).run()
