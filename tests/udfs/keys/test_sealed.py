"""Cards in the vault: sealed by the gate, opened by whoever has the other key, beside their own token only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.proof import leaks
from contracts import reader
from tests.udfs.keys.test_tokens import gate, ring
from tests.udfs.split import split
from tests.udfs.test_gate import LIMITS
from tests.udfs.transactions import CARD, NOW_MS, message
from udfs.decide import DECIDED
from udfs.facts import GATED
from udfs.gate import Records
from udfs.keys.ring import KeysError
from udfs.keys.sealed import NewTokens, Sealer, opened
from udfs.keys.vault_keys import FileVaultKeys


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> FileVaultKeys:
    folder = tmp_path_factory.mktemp("vault")
    made = FileVaultKeys(folder / "vault.public", folder / "vault.key")
    made.create()
    made.create()
    return made


@given(st.text("0123456789", min_size=13, max_size=19))
def test_what_is_sealed_can_be_opened(keys: FileVaultKeys, number: str) -> None:
    sealed = Sealer(keys.data_key())("a_1", "a_0", number, NOW_MS)
    assert not leaks.found(sealed, frozenset({number}))
    record = orjson.loads(sealed)
    assert set(record) == set(reader.load("token_vault").names())
    assert opened(record, keys.unwrap) == number


def test_a_record_opens_beside_its_own_token_only(keys: FileVaultKeys) -> None:
    record = orjson.loads(Sealer(keys.data_key())("a_1", "a_1", CARD, NOW_MS))
    with pytest.raises(KeysError, match="can't be opened") as caught:
        opened(record | {"card_token": "a_2"}, keys.unwrap)
    assert CARD not in str(caught.value)


def test_the_gate_s_half_does_not_open(keys: FileVaultKeys, tmp_path: Path) -> None:
    record = orjson.loads(Sealer(keys.data_key())("a_1", "a_1", CARD, NOW_MS))
    with pytest.raises(KeysError, match=r"vault key .*no\.key: it does not exist"):
        opened(record, FileVaultKeys(tmp_path / "any", tmp_path / "no.key").unwrap)
    another = FileVaultKeys(tmp_path / "other.public", tmp_path / "other.key")
    another.create()
    with pytest.raises(KeysError, match="can't be opened"):
        opened(record, another.unwrap)


@given(st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=8))
def test_every_token_is_told_of_at_least_once(batches: list[list[int]]) -> None:
    new, known = NewTokens(slots=7), set()
    for batch in batches:
        rows = new.among(np.array(batch, np.uint64))
        told = [batch[row] for row in rows]
        assert len(told) == len(set(told))
        known.update(told)
        assert known >= set(batch)


def _asides(keys_from: tuple[int, ...], *batches: tuple[int, ...]) -> list[list[dict[str, bytes | None] | None]]:
    """For batches of messages of one card that were appended at these moments, what goes aside of each."""
    one, found = gate(ring(*keys_from)), []
    for moments in batches:
        records = Records(
            "transactions", [message()] * len(moments), [0] * len(moments), [0] * len(moments), list(moments)
        )
        gated = [split(each, GATED) for each in one.pass_through(records, lambda: 0).records()]
        found.append([split(each["aside"], DECIDED) if each["aside"] else None for each in gated])
    return found


def test_a_card_goes_into_the_vault_once_under_each_key() -> None:
    later = NOW_MS + 10
    first, again, rotated = _asides((0, later), (NOW_MS, NOW_MS), (NOW_MS,), (NOW_MS, later, later))
    assert LIMITS.max_age_ms > 10
    assert [each is None for each in (*first, *again, *rotated)] == [False, True, True, True, False, True]
    (one, other) = (each for each in (first[0], rotated[1]) if each)
    assert (one["topic"], one["alert"], other["topic"]) == (b"token_vault", None, b"token_vault")
    of, to = (orjson.loads(each["record"] or b"") for each in (one, other))
    assert of["card_token"] == of["linking_token"] == to["linking_token"] != to["card_token"]
    assert [one["key"], other["key"]] == [of["card_token"].encode(), to["card_token"].encode()]
    assert not leaks.found((one["record"] or b"") + (other["record"] or b""), frozenset({CARD}))
