"""What Sluice needs in S3, DynamoDB, SNS and KMS, as data, and its creation."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from sluice import aws
from sluice.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient

ALERTS_INDEX = "by_severity_and_time"
EXPIRY = "expires_at"
OLDEST_REGION = "us-east-1"


class Key(NamedTuple):
    """Names of the string attributes that make up a key."""

    partition: str
    sort: str | None = None

    def attributes(self) -> list[str]:
        return [self.partition] if self.sort is None else [self.partition, self.sort]

    def schema(self) -> list[dict[str, str]]:
        kinds = ("HASH", "RANGE")
        return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(self.attributes(), kinds, strict=False)]


class Table(NamedTuple):
    """A DynamoDB table; items with `expires_at` (seconds since 1970) expire when it `expires`."""

    name: str
    key: Key
    expires: bool
    indexes: dict[str, Key]

    def definition(self) -> dict[str, Any]:
        """The arguments of CreateTable."""
        names = sorted({name for key in (self.key, *self.indexes.values()) for name in key.attributes()})
        indexes = [
            {"IndexName": name, "KeySchema": key.schema(), "Projection": {"ProjectionType": "ALL"}}
            for name, key in self.indexes.items()
        ]
        return {
            "TableName": self.name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": self.key.schema(),
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        }


def tables(settings: Settings) -> tuple[Table, ...]:
    hot = settings.hot_state
    return (
        Table(hot.cards_table, Key("card_token"), expires=False, indexes={}),
        Table(hot.transactions_table, Key("card_token", "event_key"), expires=True, indexes={}),
        Table(hot.alerts_table, Key("alert_id"), expires=True, indexes={ALERTS_INDEX: Key("severity", "event_time")}),
    )


def create(settings: Settings) -> None:
    """Create what does not exist yet. Raises botocore's errors when AWS does not answer."""
    _create_bucket(settings, settings.lake.bucket)
    _create_keys(settings)
    aws.sns(settings.aws).create_topic(Name=settings.alert_delivery.sns_topic)
    client = aws.dynamodb(settings.aws)
    for table in tables(settings):
        with suppress(client.exceptions.ResourceInUseException):
            client.create_table(**table.definition())
    for table in tables(settings):
        client.get_waiter("table_exists").wait(TableName=table.name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        if table.expires:
            _let_items_expire(client, table.name)


def _create_keys(settings: Settings) -> None:
    """What wraps token keys and seals the vault, and the bucket of the former, where they are kept so."""
    keys = settings.fraud_detection.gate.keys
    if keys.source == "kms":
        _create_bucket(settings, keys.ring.removeprefix("s3://").partition("/")[0])
        client = aws.kms(settings.aws)
        for name in (keys.kms_key_id, settings.vault.kms_key_id):
            if not name.startswith("alias/") or name in _aliases(client):
                continue
            client.create_alias(AliasName=name, TargetKeyId=client.create_key()["KeyMetadata"]["KeyId"])


def _aliases(client: KMSClient) -> set[str]:
    pages = client.get_paginator("list_aliases").paginate()
    return {each["AliasName"] for page in pages for each in page["Aliases"]}


def _create_bucket(settings: Settings, bucket: str) -> None:
    client = aws.s3(settings.aws)
    # S3 refuses its oldest region as a constraint, and wants every other one named.
    region = settings.aws.region
    arguments: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=bucket, **({} if region == OLDEST_REGION else arguments))


def _let_items_expire(client: DynamoDBClient, table: str) -> None:
    state = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"]
    if state == "DISABLED":
        client.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRY})
