"""Who may do what with cards, and the line that is left of it."""

from __future__ import annotations

import grp
import os
import pwd
import uuid
from typing import Any

import orjson

from sluice import kafka
from sluice.errors import SluiceError
from sluice.settings import Settings, Vault
from udfs.times import clock_ms, iso_ms

Line = dict[str, Any]
"""A record of the contract `audit`."""
LOOKUP, LINKS, ROTATE, RETOKENISE = "lookup", "links", "rotate", "retokenise"
_OF_GROUP = "@"


class RefusedError(SluiceError):
    """Whoever asks may not."""


def login() -> str:
    """Who runs this, as the system knows it; an environment variable could say anything."""
    return pwd.getpwuid(os.getuid()).pw_name


def refusal(vault: Vault, role: str, who: str, *, number: bool) -> str | None:
    """Why `who` may not look a card up in this role, or None; with `number`, all of it."""
    if role not in vault.roles:
        known = ", ".join(sorted(vault.roles)) or "none"
        return f"there is no role {role!r} in vault.roles of the settings, which have: {known}"
    allowed = vault.roles[role]
    if not any(_stands_for(member, who) for member in allowed.members):
        return f"{who} is no member of the role {role}; see vault.roles.{role}.members in the settings"
    if number and allowed.sees != "number":
        return f"the role {role} sees the ends of a card number only; see vault.roles.{role}.sees in the settings"
    return None


def _stands_for(member: str, who: str) -> bool:
    if not member.startswith(_OF_GROUP):
        return member == who
    try:
        group = grp.getgrnam(member.removeprefix(_OF_GROUP))
    except KeyError:
        return False
    return who in group.gr_mem or pwd.getpwnam(who).pw_gid == group.gr_gid


def line(action: str, subject: str, *, granted: bool = True, **facts: Any) -> Line:
    """A record of the contract `audit`; `facts` are its optional fields."""
    return {
        "audit_id": uuid.uuid4().hex,
        "made_at": iso_ms(clock_ms()),
        "made_by": login(),
        "action": action,
        "subject": subject,
        "granted": "yes" if granted else "no",
        **facts,
    }


def audit(settings: Settings, made: Line) -> None:
    """Leave a line in the topic `audit`, and return only when Kafka has it. Raises DeliveryError, KafkaAwayError."""
    with kafka.telling_sender(settings.kafka.bootstrap) as send:
        send(settings.kafka.topics.audit, made["subject"].encode(), orjson.dumps(made))


def lines(settings: Settings) -> list[Line]:
    """All lines, oldest first."""
    found = kafka.read_all(settings.kafka.bootstrap, settings.kafka.topics.audit)
    return sorted((orjson.loads(each.value) for each in found), key=lambda made: str(made["made_at"]))


def admit(settings: Settings, action: str, token: str, role: str, why: str, *, number: bool = False) -> None:
    """Leave the line, then let pass who may. Raises RefusedError."""
    refused = refusal(settings.vault, role, login(), number=number)
    shown = {"shown": "number" if number else "ends"} if action == LOOKUP else {}
    audit(settings, line(action, token, granted=refused is None, role=role, why=why, **shown))
    if refused is not None:
        raise RefusedError(refused)
