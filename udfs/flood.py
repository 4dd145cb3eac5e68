"""Notices when a topic is mostly bad: emptying it into quarantine would help nobody."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

import orjson

from udfs.batches import StopError


class FloodGuard:
    """Looks at the latest `over_records` or a few more; with fewer it says nothing."""

    def __init__(self, most_bad_percent: float, over_records: int) -> None:
        self._most, self._over = most_bad_percent, over_records
        self._batches: deque[tuple[int, int]] = deque()
        self._records = self._bad = 0

    def look(self, problems: Sequence[bytes]) -> None:
        """`problems` has a quarantine record for each bad record of a batch, and is empty for the others.

        Raises StopError.
        """
        bad = [each for each in problems if each]
        self._batches.append((len(problems), len(bad)))
        self._records, self._bad = self._records + len(problems), self._bad + len(bad)
        while self._records - self._batches[0][0] >= self._over:
            records, fewer = self._batches.popleft()
            self._records, self._bad = self._records - records, self._bad - fewer
        if self._records >= self._over and self._bad * 100 > self._most * self._records:
            raise StopError(self._words(bad))

    def _words(self, bad: list[bytes]) -> str:
        reasons = Counter(orjson.loads(each)["reason"] for each in bad).most_common()
        newest = ", ".join(f"{reason} {count:,}" for reason, count in reasons)
        return (
            f"{self._bad:,} of the latest {self._records:,} records are bad ({newest}), "
            f"more than the {self._most:g} % of fraud_detection.gate.most_bad_percent. See `sluice quarantine list`; "
            "when what sends them is put right, or the setting raised, `sluice restore fraud_detection` goes on"
        )
