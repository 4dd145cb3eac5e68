"""boto3 clients with the endpoint and credentials of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from sluice.settings import Aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

_KEYS_READ_SECONDS = 5


def _client(service: str, aws: Aws, connections: int, read_seconds: int = 20) -> Any:
    config = Config(
        retries={"mode": "standard", "max_attempts": 2},
        connect_timeout=3,
        read_timeout=read_seconds,
        max_pool_connections=connections,
        s3={"addressing_style": "path"} if aws.endpoint_url else None,
    )
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=aws.endpoint_url,
        region_name=aws.region,
        aws_access_key_id=aws.access_key_id,
        aws_secret_access_key=aws.secret_access_key,
        config=config,
    )


def s3(aws: Aws, connections: int = 10) -> S3Client:
    client: S3Client = _client("s3", aws, connections)
    return client


def dynamodb(aws: Aws, connections: int = 10) -> DynamoDBClient:
    client: DynamoDBClient = _client("dynamodb", aws, connections)
    return client


def sns(aws: Aws) -> Any:
    return _client("sns", aws, 1)


def kms(aws: Aws) -> KMSClient:
    client: KMSClient = _client("kms", aws, 1, _KEYS_READ_SECONDS)
    return client


def s3_of_keys(aws: Aws) -> S3Client:
    """S3 for the few bytes that somebody waits for."""
    client: S3Client = _client("s3", aws, 1, _KEYS_READ_SECONDS)
    return client
