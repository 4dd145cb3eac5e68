"""Moments as milliseconds since 1970 and as ISO 8601 in UTC."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

_TIMESTAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,3}))?Z")
_CANONICAL = b"0000-00-00T00:00:00.000Z"
_ALL_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_YEAR_ONE = -62_135_596_800_000
_EPOCH = datetime.fromtimestamp(0, UTC)
INVALID = np.iinfo(np.int64).min


def parse_ms(text: str) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 time in UTC with Z, or None for anything else."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    try:
        seconds = int(datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
    return seconds * 1000 + int((match[2] or "").ljust(3, "0"))


def parse_all_ms(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """`parse_ms` of each text, INVALID for None; fast when all are valid in the canonical form with three decimals."""
    joined = "".join(texts).encode()
    if texts and joined.translate(_ALL_ZEROS) == _CANONICAL * len(texts):
        try:
            moments = _canonical_ms(joined)
        except ValueError:
            pass  # the form is right, but some text is no moment, such as the 30th of February
        else:
            if moments.min() >= _YEAR_ONE:
                return moments
    found = map(parse_ms, texts)
    return np.array([INVALID if each is None else each for each in found], dtype=np.int64)


def _canonical_ms(joined: bytes) -> npt.NDArray[np.int64]:
    """Of texts in the canonical form, side by side. Raises ValueError for what is no moment.

    NumPy's parser and no other library's, as it keeps Python's lock: to get that back among the threads of a Flink
    worker takes ten times as long as the parsing.
    """
    width = len(_CANONICAL)
    moments = np.frombuffer(joined, f"S{width}").astype(f"S{width - 1}").astype("datetime64[ms]")
    milliseconds: npt.NDArray[np.int64] = moments.astype(np.int64)
    return milliseconds


def all_canonical(texts: Sequence[str], epoch_ms: Iterable[int]) -> Sequence[str]:
    """Valid texts in the canonical form, with three decimals: a text itself where it is in that form."""
    if set(map(len, texts)) == {len(_CANONICAL)}:
        return texts
    pairs = zip(texts, epoch_ms, strict=True)
    return [text if len(text) == len(_CANONICAL) else iso_ms(moment) for text, moment in pairs]


def iso_ms(epoch_ms: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC, such as 2026-11-22T05:00:00.123Z."""
    second = datetime.fromtimestamp(epoch_ms // 1000, UTC)
    return f"{second:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def moment(epoch_ms: int) -> datetime:
    """Milliseconds since 1970 as an aware moment in UTC."""
    return _EPOCH + timedelta(milliseconds=epoch_ms)


def clock_ms() -> int:
    """The wall clock; logic gets it as an argument."""
    return time.time_ns() // 1_000_000
