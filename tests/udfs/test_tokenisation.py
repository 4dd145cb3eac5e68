from __future__ import annotations

import hmac
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.tokenisation import KeyFileError, Tokeniser, create_key_file, load_key


@given(st.binary(min_size=32, max_size=32), st.lists(st.text("0123456789", min_size=13, max_size=19), max_size=4))
def test_a_token_is_the_hmac_of_the_whole_number(key: bytes, numbers: list[str]) -> None:
    tokeniser = Tokeniser("k1", key)
    digests = [hmac.digest(key, number.encode(), "sha256") for number in numbers]
    assert tokeniser.all(numbers) == (["k1_" + digest.hex() for digest in digests], b"".join(digests))
    assert [tokeniser(number) for number in numbers] == tokeniser.all(numbers)[0]


def test_a_key_file_is_made_once_and_belongs_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token.key"
    assert create_key_file(path)
    first = load_key(path)
    assert not create_key_file(path)
    assert load_key(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    create_key_file(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load_key(path)


@pytest.mark.parametrize(
    "content",
    ["", "{}", '{"kid": "a", "key": "zz"}', '{"kid": "a", "key": "00"}', '{"kid": "a b", "key": "' + "00" * 32 + '"}'],
)
def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(KeyFileError) as caught:
        load_key(path)
    assert "00" * 32 not in str(caught.value)


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="does not exist"):
        load_key(tmp_path / "no.key")
