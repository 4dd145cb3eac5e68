"""A whole Flink in one folder, as the container image has it: `python -m sluice.deployment.flink_home FOLDER`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from localstack import flink_home
from localstack.errors import ServerError

METRICS_PORT = 9249
"""Where each process of a container shows its metrics; every container has an address of its own."""


def configuration(python: str) -> dict[str, Any]:
    """For a cluster whose processes have addresses of their own; `python` is the interpreter in the image.

    Addresses, memory, slots and S3 come from whoever starts the containers.
    """
    everywhere = ("rest.bind-address", "jobmanager.bind-host", "taskmanager.bind-host")
    elsewhere = ("taskmanager.host", "jobmanager.memory.process.size", "taskmanager.memory.process.size")
    own = {key: value for key, value in flink_home.shipped().items() if key not in elsewhere}
    return {
        **own,
        **flink_home.common(),
        **dict.fromkeys(everywhere, "0.0.0.0"),  # noqa: S104 - a container's network is its own
        **flink_home.prometheus(str(METRICS_PORT)),
        "python.executable": python,
        "python.client.executable": python,
    }


def lay_out(home: Path, python: str) -> None:
    """Fill `home`, which is made anew, with scripts, jars, plug-ins and configuration. Raises ServerError."""
    shutil.rmtree(home, ignore_errors=True)
    (home / "conf").mkdir(parents=True)
    (home / "log").mkdir()
    flink = flink_home.distribution()
    # Flink finds its home from where its scripts are.
    shutil.copytree(flink / "bin", home / "bin")
    # `flink run` looks for Python's jar there, and does not enter a linked folder.
    flink_home.link(flink / "opt", home / "opt")
    flink_home.place_jars(home)
    flink_home.copy_logging(home / "conf")
    text = yaml.safe_dump(configuration(python), width=10_000)
    (home / "conf/config.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the folder alone
        sys.exit("usage: python -m sluice.deployment.flink_home FOLDER")
    try:
        lay_out(Path(sys.argv[1]).resolve(), sys.executable)
    except ServerError as error:
        sys.exit(f"sluice: {error}")
