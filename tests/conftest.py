"""What several test modules share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from localstack.ports import on_free_ports
from localstack.stack import Stack
from sluice.flink_jobs import JOB_NAMES
from sluice.settings import PROJECT_ROOT, Local, Settings, with_checkpoints

CHECKPOINT_SECONDS = 3.0

# Speed is measured in bench/, never asserted here.
hypothesis.settings.register_profile("sluice", deadline=None)
hypothesis.settings.load_profile("sluice")


class ServersInOneProcess(LoadScopeScheduling):
    """Of the processes that share the tests, one has all with servers, which run once; the rest goes by files."""

    def _split_scope(self, nodeid: str) -> str:
        return _scope(nodeid.partition("::")[0])


@cache
def _scope(file: str) -> str:
    return "servers" if "pytest.mark.servers" in (PROJECT_ROOT / file).read_text(encoding="utf-8") else file


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--transactions", type=int, default=25_000, help="how many go through every job against the oracle (25000)"
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return ServersInOneProcess(config, log)


@pytest.fixture(scope="session")
def stack_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The defaults and metrics, on free ports, with all state in a temporary folder.

    Checkpoints come often, since a test's end waits for one of each job.
    """
    values = with_checkpoints(Settings(local=Local(metrics_port=19249)), CHECKPOINT_SECONDS, *JOB_NAMES)
    return on_free_ports(values, Path(tmp_path_factory.mktemp("stack")))


@pytest.fixture(scope="session")
def stack(stack_settings: Settings) -> Iterator[Stack]:
    """Kafka, LocalStack and Flink, running for the whole session."""
    with Stack(stack_settings) as running:
        yield running
