"""The keyed function on a local Flink: alerts in, versions and quarantine records out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from pyflink.table import StreamTableEnvironment

from jobs.alert_episodes import main
from sluice import streaming_job
from sluice.settings import Kafka, Settings
from sluice.upgrades import plan
from tests.jobs.fraud_patterns.flink import JARS
from tests.jobs.hot_state.samples import alert


def environment() -> StreamTableEnvironment:
    """As the job is configured, but that the first failure shows."""
    created = streaming_job.environment()
    main.configure(created, Settings().alert_episodes)
    created.get_config().set("pipeline.jars", JARS)
    created.get_config().set("restart-strategy.type", "none")
    return created


def changes(messages: list[bytes], folder: Path) -> list[tuple[str, Any]]:
    """Topic and record of all that the job writes of `messages`."""
    file = folder / "alerts"
    file.write_bytes(b"\n".join(messages))
    table_env = environment()
    table_env.execute_sql(
        f"create temporary table contents (content bytes) with ('connector' = 'filesystem', "
        f"'path' = '{file.as_uri()}', 'format' = 'raw')"
    )
    table_env.execute_sql(
        "create temporary view messages as select 'alerts' as topic, 0 as `partition`, cast(7 as bigint) as `offset`, "
        "to_timestamp_ltz(1767604800123, 3) as appended_at, content from contents"
    )
    table_env.execute_sql(
        "create temporary table outputs (topic string, `key` bytes, `value` bytes) with ('connector' = 'blackhole')"
    )
    main.gather(table_env, Settings())
    with table_env.execute_sql("select topic, `value` from changes").collect() as rows:
        return [(topic, orjson.loads(bytes(value))) for topic, value in rows]


def test_alerts_of_one_card_and_cause_are_one_episode(tmp_path: Path) -> None:
    other = "k1_" + "cd" * 32
    alerts = [
        alert(alert_id="a-1"),
        alert(alert_id="a-2", card_token=other),
        alert(alert_id="a-3", event_time="2026-01-05T08:05:00.000Z"),
        alert(alert_id="a-3", event_time="2026-01-05T08:05:00.000Z"),
        alert(alert_id="a-4", severity="critical", rules=["high_value", "velocity"]),
    ]
    messages = [orjson.dumps(each) for each in alerts]
    found = changes([*messages, b'{"card_token": "4111111111111111"}'], tmp_path)
    versions = [each for topic, each in found if topic == "episodes"]
    told = {each["alert"]["alert_id"]: (each["change"], each["number"]) for each in versions}
    assert told == {"a-1": ("opened", 1), "a-2": ("opened", 1), "a-3": ("grown", 2), "a-4": ("opened", 1)}
    assert len(versions) == 4
    assert len({each["episode_id"] for each in versions}) == 3
    (refused,) = (each for topic, each in found if topic == "quarantine")
    assert (refused["quarantine_id"], refused["field"]) == ("alerts-0-7-alert_episodes", "alert_id")
    assert refused["payload"] == '{"card_token": "################"}'
    assert refused["ingested_at"] == "2026-01-05T09:20:00.123Z"


def test_what_is_remembered_has_a_uid() -> None:
    table_env = environment()
    main.create_ends(table_env, Kafka())
    found = plan.planned(table_env, main.gather(table_env, Settings()))
    assert sorted(str(each.uid) for each in found if each.remembers) == ["alerts_kafka", "episodes"]
