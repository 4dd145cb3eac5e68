"""`python -m bench PART`: what `make bench` and `make profile` run."""

from __future__ import annotations

import typer

from bench.curves.command import curves
from bench.jobs import jobs
from bench.peers.command import peers
from bench.profile.command import profile
from bench.steady import steady
from sluice import cli

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False, no_args_is_help=True)
for part in (jobs, peers, curves, steady, profile):
    app.command()(part)

if __name__ == "__main__":
    cli.run("bench", app)
