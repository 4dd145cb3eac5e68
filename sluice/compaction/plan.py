"""Which files of a folder are merged with which."""

from __future__ import annotations

from collections.abc import Iterable

from sluice.compaction.objects import Listed


def batches(files: Iterable[Listed], target_bytes: int) -> list[list[Listed]]:
    """Files of less than half of `target_bytes`, the oldest first, in batches of at most `target_bytes`.

    What stands alone stays as it is, so that a folder is finished at some time: a second plan over what the first has
    made merges only files that are small still, and has fewer of them.
    """
    small = sorted((each for each in files if 2 * each.size < target_bytes), key=lambda each: (each.modified, each.key))
    found: list[list[Listed]] = []
    total = target_bytes
    for each in small:
        if total + each.size > target_bytes:
            found.append([])
            total = 0
        found[-1].append(each)
        total += each.size
    return [each for each in found if len(each) > 1]
