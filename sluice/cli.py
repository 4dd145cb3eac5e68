"""The `sluice` command: a verb for each thing a person does.

A verb is a module of `sluice/commands` with a function of the same name. It is imported when it is called, so that
`sluice --help` does not wait for what the verbs need.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path

import typer

from sluice.commands.generate import generate
from typer._click import Command, Context
from typer.core import TyperCommand, TyperGroup

from sluice.errors import SluiceError
from sluice.settings import SettingsError

COMMANDS = Path(__file__).parent / "commands"
INTERRUPTED = 130


def _function(verb: str) -> ast.FunctionDef | None:
    file = COMMANDS / f"{verb}.py"
    if not file.is_file():
        return None
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return next((each for each in body if isinstance(each, ast.FunctionDef) and each.name == verb), None)
