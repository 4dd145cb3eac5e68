"""The `sluice` command: a verb for each thing a person does.

A verb is a module of `sluice/commands` with a function of the same name, where `_` stands for `-`; the function of a
verb whose name Python needs itself ends in `_`. A folder there is a group of verbs. A verb is imported only when it is
called, so that `sluice --help` does not wait for what the verbs need.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import typer

from sluice.errors import SluiceError

COMMANDS = Path(__file__).parent / "commands"
INTERRUPTED = 130


class Verb(NamedTuple):
    """`inner` is the folder of the verbs that follow it, for one that stands for a group of them."""

    name: str
    summary: str
    inner: Path | None = None


def verbs(folder: Path = COMMANDS) -> Iterator[Verb]:
    """Every verb with the first line of its docstring, read from the source without importing it."""
    for file in sorted(folder.iterdir()):
        if (file / "__init__.py").exists():
            summary = ast.get_docstring(ast.parse((file / "__init__.py").read_text(encoding="utf-8")))
            yield Verb(file.name.replace("_", "-"), summary or "", file)
        elif file.suffix == ".py":
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.removesuffix("_") == file.stem:
                    yield Verb(file.stem.replace("_", "-"), (ast.get_docstring(node) or "").partition("\n")[0])


def _not_called() -> None:
    """Stands for a verb that only appears in the list of verbs."""


def _function(package: str, verb: str) -> Callable[..., None]:
    name = verb.replace("-", "_")
    module = import_module(f"{package}.{name}")
    function: Callable[..., None] = getattr(module, name, None) or getattr(module, f"{name}_")
    return function


def _group(package: str, folder: Path, words: Sequence[str], summary: str) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False, help=summary)
    app.callback()(_not_called)
    called, rest = (words[0], words[1:]) if words else (None, ())
    for verb in verbs(folder):
        if verb.inner:
            module = f"{package}.{verb.inner.name}"
            inner = _group(module, verb.inner, rest if verb.name == called else (), verb.summary)
            app.add_typer(inner, name=verb.name)
        elif verb.name == called:
            app.command(verb.name)(_function(package, verb.name))
        else:
            app.command(verb.name, help=verb.summary)(_not_called)
    return app


def application(arguments: Sequence[str]) -> typer.Typer:
    """The command line for `arguments`, of which the first that are no options name the verb to import."""
    words = [each for each in arguments if not each.startswith("-")]
    return _group(
        "sluice.commands",
        COMMANDS,
        words,
        "Lets good transactions through, holds bad ones back, and keeps the books on both.",
    )


def run(name: str, command: Callable[[], object]) -> None:
    """Run `command`; what a person can put right is printed as it is, without a traceback, with exit code 1."""
    try:
        command()
    except SluiceError as error:
        typer.secho(f"{name}: {error}", fg="red", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo(f"{name}: interrupted", err=True)
        sys.exit(INTERRUPTED)


def main() -> None:
    """Run the verb that the command line names."""

    def named_verb() -> None:
        application(sys.argv[1:])()

    run("sluice", named_verb)
