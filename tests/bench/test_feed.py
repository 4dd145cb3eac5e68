"""Keys lie where Kafka's producers put them, and other customers stay who they are."""

from __future__ import annotations

import orjson
import pytest

from bench.faults.cases.partitions import of_others
from bench.faults.feed import partition_of, traffic


@pytest.mark.parametrize(
    ("key", "digest"),
    [(b"21", -973_932_308), (b"foobar", -790_332_482), (b"a-little-bit-long-string", -985_981_536)],
)
def test_a_key_lies_where_kafkas_own_producer_puts_it(key: bytes, digest: int) -> None:
    """The digests are those of Kafka's own tests."""
    assert partition_of(key, 7) == (digest & 0x7FFF_FFFF) % 7
    assert partition_of(key, 1) == 0


def test_other_customers_have_ids_of_their_own() -> None:
    messages, _ = traffic(500, 50, seed=1, hours=6)
    pairs = [(each.key, each.value) for each in messages]
    others = list(of_others(b"n")(pairs))
    assert {key for key, _ in others} == {b"n" + key[1:] for key, _ in pairs}
    renamed = 0
    for (key, value), (old, _) in zip(others, pairs, strict=True):
        assert old not in value
        try:
            body = orjson.loads(value)
        except orjson.JSONDecodeError:
            continue
        if isinstance(body, dict) and "customer_id" in body:
            assert body["customer_id"] == key.decode()
            renamed += 1
    assert renamed > 400
