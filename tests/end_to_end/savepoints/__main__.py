"""`python -m tests.end_to_end.savepoints`: keeps a savepoint of the deciding job as this release makes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from rich.console import Console

from bench.proof import leaks
from bench.proof.house import running
from localstack.ports import on_free_ports
from localstack.stack import Stack
from sluice import cli
from sluice.errors import SluiceError
from sluice.feed.faults import Troubled, mix
from sluice.feed.generate import Traffic
from sluice.flink_jobs import named
from sluice.settings import Settings
from tests.end_to_end import savepoints
from tests.end_to_end.savepoints import Message

DECIDING = named("fraud_detection")
END = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = timedelta(hours=6)
TRANSACTIONS = 600
CARDS = 24
SEED = 20_261_120
GAP_MS = 20
SETTLE_SECONDS = 240.0
MOST_BYTES = 1_000_000


def _traffic() -> tuple[list[Troubled], frozenset[str]]:
    made = Traffic(TRANSACTIONS, cards=CARDS, seed=SEED, start=END - SPAN, duration=SPAN, fraud_rate=0.2)
    return list(mix(made, seed=SEED, now=END, rate=0.2)), frozenset(made.planted_cards)


def _middle_of_a_burst(traffic: Sequence[Troubled]) -> int:
    """About half-way, amid too many uses of one card within seconds: so the shortest windows span the savepoint."""
    bursts: dict[int, list[int]] = {}
    for position, each in enumerate(traffic):
        if each.label is not None and each.label.scenario == "card_velocity" and each.label.case is not None:
            bursts.setdefault(each.label.case, []).append(position)
    middles = [positions[len(positions) // 2] for positions in bursts.values()]
    return min(middles, key=lambda position: abs(position - len(traffic) // 2))


def _messages(traffic: Sequence[Troubled], partitions: int) -> Iterator[Message]:
    """Appended one after the other once all of it has happened."""
    end_ms = int(END.timestamp() * 1_000)
    for number, each in enumerate(traffic):
        yield Message(crc32(each.key) % partitions, end_ms + number * GAP_MS, each.key, each.value)


def _stopped(stack: Stack, settings: Settings, release: str, before: Sequence[Message]) -> Path:
    """The folder of the savepoint with which the job stops, once it has decided on `before`."""
    topic = savepoints.create_log(settings, release)
    savepoints.send(settings.kafka.bootstrap, topic, before)
    with running(stack, savepoints.house_name(release), (DECIDING,), base=settings) as house:
        house.settle(SETTLE_SECONDS)
        return Path(stack.flink.jobs.stop(house.ids.pop(DECIDING.name)).removeprefix("file:"))


def _keep(savepoint: Path, folder: Path, planted: frozenset[str]) -> int:
    """Copy the savepoint to `folder`; its size in bytes. Raises SluiceError where it can't be kept."""
    contents = [file.read_bytes() for file in leaks.files(savepoint)]
    if hits := leaks.found(b"\n".join(contents), planted):
        raise SluiceError(f"{len(hits)} card numbers stand in {savepoint}")
    size = sum(map(len, contents))
    if size > MOST_BYTES:
        raise SluiceError(f"{savepoint} has {size:,} bytes, more than {MOST_BYTES:,}: fewer cards or transactions")
    shutil.copytree(savepoint, folder)
    return size


def make() -> None:
    """Start servers, decide on half of a small log, stop with a savepoint and keep it beside the log."""
    console = Console()
    release = version("sluice")
    folder = savepoints.FOLDER / release
    if folder.exists():
        raise SluiceError(f"{folder} is there; a release's savepoint stays as the release has made it")
    traffic, planted = _traffic()
    split = _middle_of_a_burst(traffic)
    with TemporaryDirectory() as home:
        settings = savepoints.with_key(on_free_ports(Settings(), Path(home)), Path(home))
        messages = list(_messages(traffic, settings.kafka.partitions))
        with Stack(settings, console) as stack, console.status(f"Deciding on {split} messages …"):
            size = _keep(_stopped(stack, settings, release, messages[:split]), folder, planted)
    savepoints.save(messages[:split], folder / savepoints.BEFORE)
    savepoints.save(messages[split:], folder / savepoints.AFTER)
    console.print(f"{folder}: {size:,} bytes of state after {split} messages, {len(messages) - split} to come")


if __name__ == "__main__":
    cli.run("savepoints", make)
