"""What several test modules share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from localstack.ports import on_free_ports
from localstack.stack import Stack
from sluice.settings import Local, Settings

# Speed is measured in bench/, never asserted here.
hypothesis.settings.register_profile("sluice", deadline=None)
hypothesis.settings.load_profile("sluice")


@pytest.fixture(scope="session")
def stack_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The defaults and metrics, on free ports, with all state in a temporary folder."""
    return on_free_ports(Settings(local=Local(metrics_port=19249)), Path(tmp_path_factory.mktemp("stack")))


@pytest.fixture(scope="session")
def stack(stack_settings: Settings) -> Iterator[Stack]:
    """Kafka, LocalStack and Flink, running for the whole session."""
    with Stack(stack_settings) as running:
        yield running
