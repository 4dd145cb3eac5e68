"""Who is told of which alerts: the receivers' file as typed models, checked with the line of what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from udfs.checked_yaml import Checked, Place, WrongFileError
from udfs.rules.model import SEVERITIES, Name, Severity


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FromEnvironment(_Strict):
    env: str = Field(min_length=1)


class FromFile(_Strict):
    file: Path


Secret = FromEnvironment | FromFile
"""Where a secret stands; never the secret itself."""


class Receiver(_Strict):
    """What all kinds share: the route, and the pace.

    `only` and `without` name rules and patterns; an alert of several rules is told where one of them is wanted, and
    left out where all of them are `without`.
    """

    name: Name
    least_severity: Severity = "low"
    only: tuple[str, ...] | None = Field(None, min_length=1)
    without: tuple[str, ...] = ()
    children: Literal["summary", "each"] = "summary"
    most_per_second: float = Field(5, gt=0, le=1_000)
    give_up_hours: float = Field(24, gt=0)
    timeout_seconds: float = Field(10, gt=0, le=120)

    def wants(self, severity: str, rules: Sequence[str]) -> bool:
        """Whether alerts of this severity and these rules go to this receiver."""
        grave = SEVERITIES.index(self.least_severity) <= [*SEVERITIES].index(severity)  # type: ignore[arg-type]
        wanted = self.only is None or any(rule in self.only for rule in rules)
        return grave and wanted and not all(rule in self.without for rule in rules)


class Webhook(Receiver):
    kind: Literal["webhook"]
    url: str = Field(pattern=r"^https?://[^\s/]+(/\S*)?$")
    secret: Secret


class Sns(Receiver):
    kind: Literal["sns"]
    topic: str = Field(pattern=r"^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$")


class Login(_Strict):
    user: str
    password: Secret


class Email(Receiver):
    kind: Literal["email"]
    relay: str = Field(pattern=r"^[^:\s]+:\d+$")
    tls: bool = True
    login: Login | None = None
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    to: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...] = Field(min_length=1)


AnyReceiver = Annotated[Webhook | Sns | Email, Field(discriminator="kind")]


class Receivers(_Strict):
    receivers: tuple[AnyReceiver, ...]


def load(path: Path, rules: Collection[str]) -> tuple[AnyReceiver, ...]:
    """The receivers in the file `path`; `rules` are the names that they may route by. Raises WrongFileError."""
    if not path.exists():
        raise WrongFileError(f"{path} does not exist; set alert_delivery.receivers to a file of receivers")
    return parse(path.read_text(encoding="utf-8"), str(path), rules)


def parse(text: str, file: str, rules: Collection[str]) -> tuple[AnyReceiver, ...]:
    """The receivers of `text`; `file` is what messages call it."""
    checked: Checked[Receivers] = Checked(text, file, Receivers)
    for place, message in _complaints(checked.value.receivers, rules):
        raise checked.wrong(place, message)
    return checked.value.receivers


def _complaints(receivers: Sequence[Receiver], rules: Collection[str]) -> Iterator[tuple[Place, str]]:
    names: set[str] = set()
    for number, each in enumerate(receivers):
        if each.name in names:
            yield ("receivers", number, "name"), f"there is another receiver {each.name}; give each a name of its own"
        names.add(each.name)
        for field, named in (("only", each.only or ()), ("without", each.without)):
            for position, rule in enumerate(named):
                if rule not in rules:
                    place: Place = ("receivers", number, field, position)
                    yield place, f"there is no rule or pattern {rule!r}; use one of {', '.join(sorted(rules))}"


def reveal(secret: Secret, receiver: str, environment: dict[str, str]) -> str:
    """The secret itself. Raises WrongFileError, which says where it is missing."""
    if isinstance(secret, FromEnvironment):
        if not environment.get(secret.env):
            raise WrongFileError(f"receiver {receiver}: the environment variable {secret.env} is not set; set it first")
        return environment[secret.env]
    found = secret.file.read_text(encoding="utf-8").strip() if secret.file.is_file() else ""
    if not found:
        raise WrongFileError(f"receiver {receiver}: the file {secret.file} is missing or empty; write the secret there")
    return found
