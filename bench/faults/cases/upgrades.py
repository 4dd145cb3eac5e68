"""Changed code takes over what the code before it remembers, and hands it back."""

from __future__ import annotations

from pathlib import Path

from bench.faults import altered
from bench.faults.case import Case, Changes
from bench.faults.stage import BACK_SECONDS, DECIDING, Proof, Stage
from localstack.errors import ServerError
from localstack.waiting import until
from sluice.errors import SluiceError
from sluice.flink_jobs import named
from udfs.facts import numbers

RATE = 80
AMOUNT = "amount_usd_minor"
MORE_STATE = "history_again"
REFUSAL = "no operator for some state"

COLUMN: Changes = (
    (
        " as card_bucket,\n",
        f" as card_bucket,\n    number_at(part(gated, $facts), {numbers(AMOUNT)[AMOUNT]}) as {AMOUNT},\n",
    ),
)
"""A column more on the way through both functions that keep state; nothing that is written depends on it."""

STATE: Changes = (
    (
        "select $columns\nfrom $before",
        f"""select $columns
from history(
    r => table $before partition by customer_bucket,
    facts => descriptor(gated),
    earlier => descriptor(earlier),
    uid => '{MORE_STATE}'
)""",  # noqa: S608 - our own
    ),
)
"""A second history behind the first. Its profile is a column of another name, which no one reads."""


def _steps(stage: Stage, word: str) -> int:
    """How many steps of the running job have `word` in their description."""
    plan = stage.stack.flink.jobs.get(f"/jobs/{stage.house.ids[DECIDING]}/plan")["plan"]
    return sum(word in each["description"] for each in plan["nodes"])


def _start(stage: Stage, program: Path, *, drop_unknown_state: bool = False) -> None:
    """Start `program` from where the deciding job stops, and wait for its first decision."""
    stage.start_from_savepoint(DECIDING, program, drop_unknown_state=drop_unknown_state)
    decided = stage.house.decided()
    if not until(lambda: stage.house.decided() > decided, BACK_SECONDS):
        raise SluiceError(f"no decision after the start of {program}")


def _program(stage: Stage, name: str, changes: Changes) -> Path:
    return altered.programs({DECIDING: changes}, stage.house.file.parent / name)[DECIDING]


def _went_on(stage: Stage, seen: dict[str, int]) -> Proof:
    """What was `seen` as a proof, if no start went back: dropping unknown state must not have dropped the position."""

    def proof() -> dict[str, int]:
        house = stage.house
        if again := house.decided() - house.count("transactions"):
            raise SluiceError(f"{again} messages were decided again, though each start went on from a savepoint")
        return seen | {"savepoints restored by the last start": house.checkpoints(DECIDING)["counts"]["restored"]}

    return proof


def _upgraded(stage: Stage) -> Proof:
    feed = stage.feed(rate=RATE)
    feed.reach(0.1)
    if _steps(stage, AMOUNT) or _steps(stage, MORE_STATE):
        raise SluiceError(f"{DECIDING} has already what this case would add to it")
    proof = {}
    # Another step moves the automatic ids of the sinks behind it. There is nothing in their state, but Flink does not
    # look into it.
    for name, changes, word in (("column", COLUMN, AMOUNT), ("state", (*COLUMN, *STATE), MORE_STATE)):
        _start(stage, _program(stage, f"more-{name}", changes), drop_unknown_state=name == "state")
        proof[f"steps with a {name} more, from a savepoint without it"] = _steps(stage, word)
        proof[f"messages still to come after the {name}"] = feed.left()
    feed.finish()
    return _went_on(stage, proof)


def _refused(stage: Stage, program: Path) -> int:
    """Whether Flink refuses to start `program` from where the job stops, since it lacks an operator of the state."""
    try:
        stage.start_from_savepoint(DECIDING, program)
    except ServerError as error:
        if REFUSAL not in str(error):
            raise
        return 1
    raise SluiceError(f"{program} starts without a word, though it drops state")


def _rolled_back(stage: Stage) -> Proof:
    feed = stage.feed(rate=RATE)
    feed.reach(0.1)
    _start(stage, _program(stage, "to-roll-back", (*COLUMN, *STATE)), drop_unknown_state=True)
    added = _steps(stage, MORE_STATE)
    before = named(DECIDING).main
    refused = _refused(stage, before)
    _start(stage, before, drop_unknown_state=True)
    if left := _steps(stage, MORE_STATE) + _steps(stage, AMOUNT):
        raise SluiceError(f"{left} steps of the changed code still run")
    proof = {
        "steps that only the changed code had": added,
        "starts that Flink refused, for the state of such a step": refused,
        "messages still to come": feed.left(),
    }
    feed.finish()
    return _went_on(stage, proof)


CASES = (
    Case("upgraded", "fraud_detection with a column more, then a state more, while it is fed", _upgraded, alone=True),
    Case("rolled_back", "fraud_detection back to the code before a state was added", _rolled_back, alone=True),
)
