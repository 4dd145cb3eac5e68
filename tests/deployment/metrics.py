"""What the dashboard and the alert rules ask for, and what a cluster shows."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import yaml

from sluice.settings import PROJECT_ROOT, Settings

DASHBOARD = PROJECT_ROOT / "deploy/grafana/dashboards/sluice.json"
ALERTS = PROJECT_ROOT / "deploy/prometheus/alerts.yaml"
_METRIC = re.compile(r"\bflink_\w+")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return loaded


def alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def expressions() -> dict[str, str]:
    """Each PromQL expression by where it stands."""
    panels = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard()["panels"]
        for target in panel["targets"]
    }
    variables = {each["name"]: each["definition"] for each in dashboard()["templating"]["list"] if "definition" in each}
    return panels | variables | {rule["alert"]: rule["expr"] for rule in alerts()}


def metrics(expression: str) -> set[str]:
    return set(_METRIC.findall(expression))


def shown(settings: Settings) -> str:
    """What all processes of a local cluster show to Prometheus, in its text format."""
    first = settings.local.metrics_port
    assert first is not None
    found = []
    for port in range(first, first + settings.local.task_managers + 2):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                found.append(answer.read().decode())
        except OSError:
            continue
    return "\n".join(found)


def samples(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and labels of each sample."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition("{")
            yield name.split()[0], dict(_LABEL.findall(rest.rpartition("}")[0]))
