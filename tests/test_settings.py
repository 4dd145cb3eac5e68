from __future__ import annotations

from pathlib import Path

import pytest

from sluice import settings
from sluice.settings import Settings, SettingsError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sluice.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kafka: {partitions: none}", "kafka.partitions"),
        ("kafka: {partitions: 0}", "kafka.partitions"),
        ("kafka: {broker: x}", "kafka.broker"),
        ("kafka: {bootstrap: nowhere}", "kafka.bootstrap"),
        ("lake: {bucket: UPPER}", "lake.bucket"),
        ("local: {flink_port: 99999}", "local.flink_port"),
        ("alert_episodes: {window_minutes: 40, remember_hours: 1}", "remember_hours must be at least twice"),
        ("partner_files: {schedule: weekly}", "partner_files.schedule"),
        ("partner_files: {feeds: {a: {host: h, user: u, private_key: k, identity: i}}}", "feeds.a.host_keys"),
        ("elsewhere: 1", "elsewhere"),
        ("[1]", "mapping"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        settings.load(path)
    assert words in str(caught.value)
    assert path.name in str(caught.value)


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nightly\.source.*teller:…@bank") as caught:
        settings.load(written(tmp_path, "nightly: {source: 'postgresql://teller:secret@bank/books'}"))
    assert "secret" not in str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "kafka: {bootstrap: 'a:1', partitions: 8}")
    monkeypatch.setenv("SLUICE_KAFKA__BOOTSTRAP", "b:2")
    found = settings.load(path)
    assert (found.kafka.bootstrap, found.kafka.partitions) == ("b:2", 8)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        settings.load(tmp_path / "no.yaml")


def test_what_is_dumped_reads_back(tmp_path: Path) -> None:
    assert settings.load(settings.dump(Settings(), tmp_path / "all.yaml")) == Settings()


def test_checkpoints_become_more_frequent_and_never_less() -> None:
    before = Settings.model_validate({"lake": {"checkpoint_seconds": 2}, "hot_state": {"checkpoint_seconds": 60}})
    after = settings.with_checkpoints(before, 5, "lake", "hot_state")
    assert (after.lake.checkpoint_seconds, after.hot_state.checkpoint_seconds) == (2, 5)
    assert after.fraud_detection == before.fraud_detection
