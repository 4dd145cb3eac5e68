"""Token keys and the vault's with LocalStack's KMS and S3: only KMS can unwrap what lies on S3."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from localstack import resources
from localstack.stack import Stack
from sluice import aws
from sluice.keys import sources
from sluice.settings import Keys, Settings
from tests.udfs.transactions import CARD, NOW_MS
from udfs.keys.ring import KeysError
from udfs.keys.sealed import Sealer, opened

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
BUCKET, NAME = "sluice-keys-of-a-test", "token-keys.json"


@pytest.fixture(scope="module")
def settings(stack: Stack) -> Settings:
    keys = Keys(source="kms", ring=f"s3://{BUCKET}/{NAME}", kms_key_id="alias/tokens", refresh_seconds=1)
    base = stack.settings
    gate = base.fraud_detection.gate.model_copy(update={"keys": keys})
    section = base.fraud_detection.model_copy(update={"gate": gate})
    values = base.model_copy(update={"fraud_detection": section})
    resources.create(values)
    resources.create(values)
    return values


def _content(settings: Settings) -> dict[str, Any]:
    body = aws.s3(settings.aws).get_object(Bucket=BUCKET, Key=NAME)["Body"].read()
    content: dict[str, Any] = json.loads(body)
    return content


def _put(settings: Settings, content: object) -> None:
    aws.s3(settings.aws).put_object(Bucket=BUCKET, Key=NAME, Body=json.dumps(content).encode())


def test_keys_are_made_rotated_and_read_again(settings: Settings) -> None:
    source = sources.token_keys(settings.fraud_detection.gate.keys, settings.aws)
    with pytest.raises(KeysError, match=rf"AWS does not give the token keys at s3://{BUCKET}/{NAME}"):
        source.read()
    first = sources.made(settings)
    assert sources.made(settings) == first
    added = source.add(5_000)
    ring = source.read()
    assert ring.keys == (*first.keys, added)
    assert [each.from_ms for each in ring.keys] == [0, 5_000]
    written = json.dumps(_content(settings))
    assert not any(each.key.hex() in written or each.kid in written for each in ring.keys)
    with pytest.raises(KeysError, match="yet to take effect"):
        source.add(5_000)

    moved = _content(settings)
    moved["keys"][1]["from_ms"] = 4_000
    _put(settings, moved)
    with pytest.raises(KeysError, match="AWS does not give"):
        source.read()
    _put(settings, {"keys": "none"})
    with pytest.raises(KeysError, match=r"token-keys\.json"):
        source.read()


def test_a_card_is_sealed_and_opened_by_kms(settings: Settings) -> None:
    vault = sources.vault_keys(settings.fraud_detection.gate.keys, settings.vault, settings.aws)
    record = orjson.loads(Sealer(vault.data_key())("a_1", "a_1", CARD, NOW_MS))
    assert opened(record, vault.unwrap) == CARD
    with pytest.raises(KeysError, match="does not open the token vault") as caught:
        opened(record | {"wrapped_key": "AAAA"}, vault.unwrap)
    assert CARD not in str(caught.value)


def test_where_nobody_answers_the_message_says_so(settings: Settings) -> None:
    away = settings.aws.model_copy(update={"endpoint_url": "http://127.0.0.1:9"})
    with pytest.raises(KeysError, match="Could not connect"):
        sources.token_keys(settings.fraud_detection.gate.keys, away).read()
