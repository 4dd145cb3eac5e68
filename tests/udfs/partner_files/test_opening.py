from __future__ import annotations

import gzip
import io
import zipfile

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.partner_files import opening
from udfs.partner_files.refusal import FileRefusedError

KEY = pyrage.x25519.Identity.generate()
CSV = "a,b\r\n1,ü\r\n".encode()
ENCRYPTED = bytes(pyrage.encrypt(CSV, [KEY.to_public()]))
MIB = 1 << 20


def zipped(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def text(plain: bytes, name: str = "x.csv.age", most: int = MIB) -> str:
    with opening.opened(plain, name, most) as found:
        return found.read()


def reason(plain: bytes, name: str, most: int = MIB) -> str:
    with pytest.raises(FileRefusedError) as caught:
        text(plain, name, most)
    return caught.value.reason


def test_each_way_of_packing() -> None:
    assert text(CSV) == text(gzip.compress(CSV), "x.csv.gz.age") == text(zipped(("x.CSV", CSV)), "x.zip.age")
    assert text(CSV) == CSV.decode()
    assert text(b"\xef\xbb\xbf" + CSV) == CSV.decode(), "Excel's mark is no part of the first name"


@pytest.mark.parametrize("keep", [0, 1, 100, 250, -1])
def test_a_file_that_is_cut_off(keep: int) -> None:
    whole = pyrage.encrypt(CSV * 100, [KEY.to_public()])
    assert opening.decrypted(whole, [KEY]) == CSV * 100
    with pytest.raises(FileRefusedError) as caught:
        opening.decrypted(whole[:keep], [KEY])
    assert caught.value.reason == ("empty" if keep == 0 else "undecryptable")


def test_a_file_for_somebody_else_or_changed() -> None:
    whole = bytearray(pyrage.encrypt(CSV, [KEY.to_public()]))
    with pytest.raises(FileRefusedError, match="No matching keys"):
        opening.decrypted(bytes(whole), [pyrage.x25519.Identity.generate()])
    whole[-3] ^= 1
    with pytest.raises(FileRefusedError, match="age can't decrypt it"):
        opening.decrypted(bytes(whole), [KEY])


@pytest.mark.parametrize(
    ("plain", "name"),
    [
        (gzip.compress(b"0" * 20 * MIB), "x.csv.gz.age"),
        (zipped(("x.csv", b"0" * 20 * MIB)), "x.zip.age"),
        (gzip.compress(b"0" * MIB) * 2, "x.csv.gz.age"),
        (b"0" * (MIB + 1), "x.csv.age"),
    ],
    ids=["gzip bomb", "zip bomb", "two in a row", "plain"],
)
def test_a_bomb_is_stopped_at_the_limit(plain: bytes, name: str) -> None:
    assert reason(plain, name) == "unpacks_too_large"


def test_a_zip_that_lies_about_its_size() -> None:
    packed = bytearray(zipped(("x.csv", b"0" * 2 * MIB)))
    at = packed.rindex(b"PK\x01\x02") + 24
    packed[at : at + 4] = (10).to_bytes(4, "little")
    assert reason(bytes(packed), "x.zip.age") in {"bad_archive", "unpacks_too_large"}


def test_as_much_as_is_allowed() -> None:
    assert len(text(gzip.compress(b"0" * MIB), "x.csv.gz.age")) == MIB


@pytest.mark.parametrize("name", ["../x.csv", "/x.csv", "a/x.csv", "..\\x.csv", "C:x.csv", "a/../../x.csv"])
def test_a_path_in_a_zip(name: str) -> None:
    assert reason(zipped((name, CSV)), "x.zip.age") == "bad_archive"


@pytest.mark.parametrize(
    "plain", [zipped(), zipped(("x.csv", CSV), ("y.csv", CSV)), zipped(("x.exe", CSV)), b"", b"PK", CSV]
)
def test_a_zip_that_does_not_hold_one_csv_file(plain: bytes) -> None:
    assert reason(plain, "x.zip.age") == "bad_archive"


def test_a_zip_of_many_entries_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    many = zipped(*((f"{number}.csv", b"") for number in range(1_001)))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(FileRefusedError, match="a great many entries"):
        text(many, "x.zip.age")


def test_a_damaged_gzip() -> None:
    packed = gzip.compress(CSV * 1_000)
    assert reason(packed[:-20], "x.csv.gz.age") == "bad_archive"
    assert reason(CSV, "x.csv.gz.age") == "bad_archive"


def test_what_is_no_text() -> None:
    assert reason("a,ü".encode("latin-1"), "x.csv.age") == "not_text"
    assert reason(CSV.decode().encode("utf-16"), "x.csv.age") == "not_text"


@given(st.sampled_from(["x.csv.gz.age", "x.zip.age", "x.csv.age"]), st.integers(0, 140), st.binary(max_size=12))
def test_damage_has_a_reason(name: str, at: int, bytes_: bytes) -> None:
    packed = {"x.csv.gz.age": gzip.compress(CSV * 9), "x.zip.age": zipped(("x.csv", CSV * 9))}.get(name, CSV)
    damaged = packed[:at] + bytes_ + packed[at + len(bytes_) :]
    try:
        text(damaged, name)
    except FileRefusedError as error:
        assert error.reason in {"bad_archive", "not_text", "unpacks_too_large"}  # noqa: PT017


@given(st.integers(0, 400), st.binary(max_size=12))
def test_damage_to_what_is_encrypted_has_a_reason(at: int, bytes_: bytes) -> None:
    damaged = ENCRYPTED[:at] + bytes_ + ENCRYPTED[at + len(bytes_) :]
    try:
        assert opening.decrypted(damaged, [KEY]) == CSV
    except FileRefusedError as error:
        assert error.reason == "undecryptable"  # noqa: PT017


def test_an_identity_file() -> None:
    other = pyrage.x25519.Identity.generate()
    assert len(opening.identities(f"# created: today\n{KEY}\n\n{other}\n")) == 2
    for wrong in ("", "# nothing", "secret", f"{KEY}x"):
        with pytest.raises(opening.IdentitiesError) as caught:
            opening.identities(wrong)
        assert "secret" not in str(caught.value)
        assert str(KEY) not in str(caught.value)
