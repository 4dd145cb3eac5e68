"""The few things that compaction and retention ask of an object store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import botocore.exceptions

from sluice import aws
from sluice.errors import SluiceError
from sluice.settings import Aws, Lake

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DELETED_AT_ONCE = 1_000
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}


class Listed(NamedTuple):
    """An object as it is listed; `etag` is its content's mark, `modified` the store's own time."""

    key: str
    etag: str
    size: int
    modified: datetime

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]


class Objects(Protocol):
    """Objects appear whole, and are listed as soon as they are there. There is no rename."""

    def uri(self, key: str) -> str: ...

    def list(self, prefix: str) -> Iterator[Listed]:
        """What begins with `prefix`, by key."""

    def read(self, uri: str) -> bytes: ...

    def fetch(self, each: Listed, file: Path) -> None:
        """The content that was listed into `file`; raises when it is another by now."""

    def put(self, key: str, file: Path) -> None: ...

    def put_new(self, key: str, content: bytes) -> bool:
        """Whether it was put: not where there is an object of that key."""

    def delete(self, keys: Sequence[str]) -> None:
        """All of `keys`, in this order as far as the store has one; what is not there is no error."""


class S3Objects:
    """Objects of one bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def list(self, prefix: str) -> Iterator[Listed]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            for each in page.get("Contents", ()):
                yield Listed(each["Key"], each["ETag"].strip('"'), each["Size"], each["LastModified"])

    def read(self, uri: str) -> bytes:
        key = uri.removeprefix(self.uri(""))
        return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def fetch(self, each: Listed, file: Path) -> None:
        found = self._client.get_object(Bucket=self._bucket, Key=each.key, IfMatch=each.etag)
        with file.open("wb") as out:
            for chunk in found["Body"].iter_chunks(1 << 20):
                out.write(chunk)

    def put(self, key: str, file: Path) -> None:
        with file.open("rb") as content:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def put_new(self, key: str, content: bytes) -> bool:
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content, IfNoneMatch="*")
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        return True

    def delete(self, keys: Sequence[str]) -> None:
        for first in range(0, len(keys), _DELETED_AT_ONCE):
            some = [{"Key": each} for each in keys[first : first + _DELETED_AT_ONCE]]
            done = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": some, "Quiet": True})  # type: ignore[typeddict-item]
            if failed := done.get("Errors"):
                raise SluiceError(f"{len(failed)} objects can't be deleted, such as {failed[0]}; run it again")


@contextmanager
def opened(where: Aws, lake: Lake) -> Iterator[S3Objects]:
    """The lake's bucket. Raises SluiceError when S3 refuses or does not answer."""
    try:
        yield S3Objects(aws.s3(where), lake.bucket)
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        place = where.endpoint_url or f"AWS in {where.region}"
        raise SluiceError(
            f"the lake s3://{lake.bucket}/{lake.prefix} can't be worked on at {place}: {error}; "
            "check aws.endpoint_url and lake.bucket, and run it again: what was begun is taken up or passed over"
        ) from error
