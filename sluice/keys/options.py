"""Options that the verbs of `sluice vault` share. What they let through goes into the books, so no card number may."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from sluice.errors import SluiceError
from sluice.settings import ROLE_NAME
from udfs.card_numbers import holds_card_number

_TOKEN = re.compile(r"[A-Za-z0-9]+_[0-9a-f]{64}")


def _whole_token(text: str) -> str:
    if not _TOKEN.fullmatch(text) or holds_card_number(text.partition("_")[0]):
        raise SluiceError("that is no token; write all of it, kid_hex, as a decision has it")
    return text


def _role_name(text: str) -> str:
    if not re.fullmatch(ROLE_NAME, text):
        raise SluiceError("--role is one of vault.roles in the settings; names of roles have letters, - and _")
    return text


Token = Annotated[str, typer.Argument(help="All of a token, as a decision has it.", callback=_whole_token)]
Role = Annotated[
    str, typer.Option("--role", help="In which role you ask, one of vault.roles in the settings.", callback=_role_name)
]
