"""Takes out of a savepoint what must not go into another job."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pyflink.java_gateway import get_gateway

from sluice.errors import SluiceError

METADATA = "_metadata"


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
    states = {state.getOperatorUid().orElse(None): state for state in found.getOperatorStates()}
    if missing := [uid for uid in uids if uid not in states or not states[uid].hasSubtaskStates()]:
        raise SluiceError(f"the savepoint {savepoint} holds no state of {', '.join(missing)}")
    _write(folder, found, [states[uid] for uid in uids])


def _java() -> Any:
    return get_gateway().jvm


def _read(folder: Path) -> Any:
    stream = _java().java.io.DataInputStream(_java().java.io.FileInputStream(str(folder / METADATA)))
    try:
        loader = _java().Thread.currentThread().getContextClassLoader()
        return _checkpoints().loadCheckpointMetadata(stream, loader, str(folder))
    finally:
        stream.close()


def _write(folder: Path, of: Any, states: list[Any]) -> None:
    """Put a file with `states` in the place of the one there is, at once and whole."""
    kept = _java().java.util.ArrayList()
    for each in states:
        kept.add(each)
    metadata = _java().org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata(
        of.getCheckpointId(), kept, of.getMasterStates(), of.getCheckpointProperties()
    )
    new = folder / f"{METADATA}.new"
    stream = _java().java.io.DataOutputStream(_java().java.io.FileOutputStream(str(new)))
    try:
        _checkpoints().storeCheckpointMetadata(metadata, stream)
    finally:
        stream.close()
    new.replace(folder / METADATA)


def _checkpoints() -> Any:
    return _java().org.apache.flink.runtime.checkpoint.Checkpoints
