from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import reader
from udfs.card_numbers import holds_card_number
from udfs.partner_files import names
from udfs.partner_files.refusal import FileRefusedError

CONTRACT = reader.load("chargebacks")
NAME = b"chargebacks_2026-11-16.csv.age"
DIGEST = hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize(
    "name",
    [b"../../etc/passwd", b"/etc/passwd", b"a/b", b"..", b".bashrc", b"a\\b", b"C:evil", b"a\0b", b"a\nb", b"",
     b"a" * 201, b"\xef\xbd\x81.csv", b"\xff", b"-\x1b[2J"],
)  # fmt: skip
def test_a_name_that_is_no_plain_name_is_refused(name: bytes) -> None:
    with pytest.raises(FileRefusedError) as caught:
        names.check_plain(name)
    assert caught.value.reason == "unsafe_name"
    assert caught.value.message.isprintable()


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_whatever_a_server_calls_it(name: bytes) -> None:
    told = names.shown(name)
    assert re.fullmatch("[ -~…]*", told)
    assert not holds_card_number(told)
    assert "\n" not in told
    try:
        names.check_plain(name)
    except FileRefusedError:
        return
    assert not set(name) & set(b"/\\:\0 ")
    assert not name.startswith(b".")


def test_a_number_like_a_card_s_is_masked() -> None:
    assert names.shown(b"cards_4111-1111-1111-1111.csv") == "cards_####-####-####-####.csv"


@pytest.mark.parametrize("name", [NAME, b"chargebacks_2026-11-16_2.csv.gz.age", b"chargebacks_2026-11-16.zip.age"])
def test_names_of_the_contract(name: bytes) -> None:
    names.check_plain(name)
    names.check_expected(name, CONTRACT)
    assert names.shown(name) == name.decode(), "a date and a number are no card number"


@pytest.mark.parametrize("name", [b"chargebacks_2026-11-16.csv", NAME + b".part", b"Chargebacks.zip.age", NAME + b"\n"])
def test_other_names(name: bytes) -> None:
    with pytest.raises(FileRefusedError, match="is not called as the contract chargebacks says"):
        names.check_expected(name, CONTRACT)


@pytest.mark.parametrize("content", [f"{DIGEST}  x.age\n", f"{DIGEST.upper()} *x.age", DIGEST, f"{DIGEST}\r\n"])
def test_a_checksum_file(content: str) -> None:
    assert names.checksum(content.encode(), b"x.age") == DIGEST


@pytest.mark.parametrize(
    "content", ["", "no", DIGEST[1:], f"{DIGEST}  other.age\n", f"{DIGEST}  x.age\n{DIGEST}  y.age\n", DIGEST * 2]
)
def test_what_is_no_checksum_file(content: str) -> None:
    with pytest.raises(FileRefusedError) as caught:
        names.checksum(content.encode(), b"x.age")
    assert caught.value.reason == "bad_checksum_file"


def test_an_id_tells_its_parts_apart() -> None:
    ids = [
        names.file_id("a", b"bc", "d"),
        names.file_id("ab", b"c", "d"),
        names.file_id("a", b"bc"),
        names.file_id("a", b"bcd"),
        names.file_id("a", b"bc", "d", 1),
    ]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    assert names.file_id("a", b"bc", "d") == ids[0]
