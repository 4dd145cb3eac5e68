"""What the gate gets for keys while they are away, as is set for the flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.fraud_detection import functions, main
from sluice.keys import sources
from sluice.settings import Aws, Keys, Settings, Vault
from udfs.keys.ring import KeysError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Keys that have been made, in files."""
    keys = Keys(file=tmp_path / "token.key", refresh_seconds=0.5, lease_seconds=1)
    values = Settings()
    gate = values.fraud_detection.gate.model_copy(update={"keys": keys})
    section = values.fraud_detection.model_copy(update={"gate": gate})
    vault = Vault(public_key=tmp_path / "vault.public", private_key=tmp_path / "vault.key")
    values = values.model_copy(update={"fraud_detection": section, "vault": vault})
    sources.made(values)
    return values


def _set(settings: Settings, when_down: str) -> Keys:
    return Keys(**settings.fraud_detection.gate.keys.model_dump() | {"when_down": when_down})


def test_a_held_flow_says_what_is_wrong_and_goes_on_when_there_are_keys(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions, "HOLD_SECONDS", 0.05)
    keys = _set(settings, "hold")
    away = keys.file.rename(keys.file.with_suffix(".away"))
    held = functions.open_keys(keys, settings.vault, Aws())
    with pytest.raises(KeysError, match=r"token keys are away and .*when_down is hold.*does not exist"):
        held(0)
    away.rename(keys.file)
    monkeypatch.setattr(functions, "HOLD_SECONDS", 10.0)
    assert held(0) is not None


def test_an_open_flow_gets_none_at_once(settings: Settings) -> None:
    keys = _set(settings, "open")
    settings.vault.public_key.unlink()
    assert functions.open_keys(keys, settings.vault, Aws())(0) is None


def test_with_keys_both_are_alike(settings: Settings) -> None:
    for when_down in ("hold", "open"):
        found = functions.open_keys(_set(settings, when_down), settings.vault, Aws())(0)
        assert found is not None
        assert not found.tokens.all([], []).shown


def test_the_workers_get_whole_paths_and_no_way_into_the_vault(settings: Settings) -> None:
    sent = main.at_the_workers(settings)
    assert sent["vault"]["public_key"] == str(settings.vault.public_key.resolve())
    assert str(settings.vault.private_key) not in str(sent)
    assert Path(sent["job"]["gate"]["keys"]["file"]).is_absolute()
