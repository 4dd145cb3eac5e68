"""LocalStack: S3, DynamoDB, SNS and KMS on this machine, from an environment of its own."""

from __future__ import annotations

import os
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from localstack import dynamodb_local, resources
from localstack.errors import ServerError
from localstack.json_http import HttpError, get_json
from localstack.processes import Processes
from sluice.settings import PROJECT_ROOT, Settings

NAME = "localstack"
PYTHON = PROJECT_ROOT / "build/envs/localstack/bin/python"


def environment(port: int, root: Path) -> dict[str, str]:
    """LocalStack's environment: five services, no calls outside, its files below `root`."""
    address = f"127.0.0.1:{port}"
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LOCALSTACK_"))}
    return {
        **outer,
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        # Without it the folder that LocalStack is started in would come first on its path.
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(root),
        "GATEWAY_LISTEN": address,
        "LOCALSTACK_HOST": address,
        "SERVICES": "s3,dynamodb,sns,sqs,kms",
        "EAGER_SERVICE_LOADING": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
        "DYNAMODB_IN_MEMORY": "1",
        "DYNAMODB_HEAP_SIZE": "512m",
        "PROVIDER_OVERRIDE_DYNAMODB": "v2",
        "LS_LOG": "warn",
    }


class LocalStack:
    """Forgets everything when it is stopped."""

    title = "LocalStack"
    ready_seconds = 240.0

    def __init__(self, settings: Settings, processes: Processes) -> None:
        self._settings = settings
        self._processes = processes
        self._port = settings.local.localstack_port
        self._root = (settings.local.home / "aws").resolve()

    @property
    def process_names(self) -> tuple[str, ...]:
        return (NAME,)

    @property
    def ports(self) -> dict[str, int]:
        return {"local.localstack_port": self._port}

    def launch(self) -> None:
        if self._processes.is_alive(NAME):
            return
        if not PYTHON.exists():
            raise ServerError(f"LocalStack's environment is missing in {PYTHON.parent.parent}; run make setup")
        dynamodb_local.place(self._root)
        command = [PYTHON, "-m", "localstack.runtime.main"]
        self._processes.start(NAME, command, environment=environment(self._port, self._root))

    def is_ready(self) -> bool:
        """Whether it answers and has the bucket and the tables, which are created here."""
        try:
            get_json(self._port, "/_localstack/health")
            resources.create(self._settings)  # which brings DynamoDB up, a process of its own
        except (HttpError, BotoCoreError, ClientError):
            return False
        # On a small machine carrying data away must not delay a decision.
        self._processes.let_yield(NAME)
        return True
