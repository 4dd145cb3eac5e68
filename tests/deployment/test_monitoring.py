"""Dashboard, alert rules and scrape settings belong together. Their metrics are held against a cluster's in
tests/end_to_end/test_against_the_oracle.py."""

from __future__ import annotations

from pathlib import Path

import yaml

from localstack.flink_home import FlinkHome
from localstack.ports import on_free_ports
from sluice.deployment import flink_home
from sluice.settings import PROJECT_ROOT, Local, Settings
from tests.deployment import metrics


def test_every_panel_asks_the_chosen_source_and_stands_alone() -> None:
    dashboard = metrics.dashboard()
    variables = {each["name"] for each in dashboard["templating"]["list"]}
    assert variables == {"source", "job"}
    places: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${source}"}
        assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & places, panel["title"]
        assert at["x"] + at["w"] <= 24
        places |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_every_expression_asks_for_flinks_metrics() -> None:
    for place, expression in metrics.expressions().items():
        assert metrics.metrics(expression), place
        assert expression.count("(") == expression.count(")"), place
        assert expression.count("{") == expression.count("}"), place


def test_every_alert_says_what_to_do() -> None:
    for rule in metrics.alerts():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert set(rule["annotations"]) == {"summary", "description"}


def test_grafana_finds_what_is_mounted() -> None:
    compose = yaml.safe_load((PROJECT_ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    provisioned = PROJECT_ROOT / "deploy/grafana/provisioning"
    (provider,) = yaml.safe_load((provisioned / "dashboards/sluice.yaml").read_text(encoding="utf-8"))["providers"]
    (source,) = yaml.safe_load((provisioned / "datasources/prometheus.yaml").read_text(encoding="utf-8"))["datasources"]
    mounts = [each.split(":")[1] for each in compose["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounts
    assert source["url"] == "http://prometheus:9090"
    scrape = yaml.safe_load((PROJECT_ROOT / "deploy/prometheus/prometheus.yaml").read_text(encoding="utf-8"))
    (targets,) = scrape["scrape_configs"][0]["dns_sd_configs"]
    assert targets["port"] == flink_home.METRICS_PORT
    assert set(targets["names"]) <= set(compose)
    assert [metrics.ALERTS.name] == scrape["rule_files"]


def test_metrics_are_shown_only_where_a_port_is_set(tmp_path: Path) -> None:
    assert not [key for key in FlinkHome(Settings()).configuration() if key.startswith("metrics.reporter")]
    settings = on_free_ports(Settings(local=Local(metrics_port=19249, task_managers=3)), tmp_path)
    first = settings.local.metrics_port
    assert first not in {None, 19249}
    configuration = FlinkHome(settings).configuration()
    assert configuration["metrics.reporter.prometheus.port"] == f"{first}-{(first or 0) + 4}"
