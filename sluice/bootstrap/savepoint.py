"""Takes out of a savepoint what must not go into another job."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from localstack.flink_checkpoints import METADATA
from sluice.errors import SluiceError
from sluice.upgrades import java


def keep_only(savepoint: str, uids: Collection[str]) -> None:
    """Leave the states of the operators `uids` in a savepoint on this machine, and no other state.

    Sources have no uid: Flink numbers them, so that the first one of any job would be taken for the first one of any
    other, positions included. And a job that starts from what is left needs no leave to pass over state: if one of
    these operators were missing in it, Flink would refuse. Raises SluiceError where one of them has no state.
    """
    where = urlsplit(savepoint)
    if where.scheme not in {"", "file"}:
        raise SluiceError(f"the savepoint {savepoint} is not on the disk of this machine, where `sluice up` has put it")
    folder = Path(unquote(where.path))
    found = _read(folder)
    states = {state.getOperatorUid().orElse(None): state for state in java.each(found.getOperatorStates())}
    if missing := [uid for uid in uids if uid not in states or not states[uid].hasSubtaskStates()]:
        raise SluiceError(f"the savepoint {savepoint} holds no state of {', '.join(missing)}")
    _write(folder, found, [states[uid] for uid in uids])


def _read(folder: Path) -> Any:
    with java.closing(java.jvm().java.io.FileInputStream(str(folder / METADATA))) as stream:
        data = java.jvm().java.io.DataInputStream(stream)
        return _checkpoints().loadCheckpointMetadata(data, java.class_loader(), folder.as_uri())


def _write(folder: Path, of: Any, states: list[Any]) -> None:
    """Put a file with `states` in the place of the one there is, at once and whole."""
    kept = java.jvm().java.util.ArrayList()
    for each in states:
        kept.add(each)
    metadata = java.jvm().org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata(
        of.getCheckpointId(), kept, of.getMasterStates(), of.getCheckpointProperties()
    )
    new = folder / f"{METADATA}.new"
    with java.closing(java.jvm().java.io.FileOutputStream(str(new))) as stream:
        _checkpoints().storeCheckpointMetadata(metadata, java.jvm().java.io.DataOutputStream(stream))
    new.replace(folder / METADATA)


def _checkpoints() -> Any:
    return java.jvm().org.apache.flink.runtime.checkpoint.Checkpoints
