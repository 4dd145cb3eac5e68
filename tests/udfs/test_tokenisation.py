from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from udfs.tokenisation import Tokeniser


@given(st.binary(min_size=32, max_size=32), st.lists(st.text("0123456789", min_size=13, max_size=19), max_size=4))
def test_a_token_is_the_hmac_of_the_whole_number(key: bytes, numbers: list[str]) -> None:
    tokeniser = Tokeniser("k1", key)
    digests = [hmac.digest(key, number.encode(), "sha256") for number in numbers]
    assert tokeniser.all(numbers) == (["k1_" + digest.hex() for digest in digests], b"".join(digests))
    assert [tokeniser(number) for number in numbers] == tokeniser.all(numbers)[0]
