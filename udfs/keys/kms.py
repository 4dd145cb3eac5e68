"""Token keys as AWS KMS wraps them: a small object on S3 holds them, and only KMS, which generates them, can unwrap."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from udfs.keys.ring import KEY_BYTES, KeyRing, KeysError, TokenKey, kid_of, with_next

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

_ABSENT = ("NoSuchKey", "404")
_CHANGED = ("PreconditionFailed", "ConditionalRequestConflict", "412")


class KmsKeys:
    """A KeySource. The object holds, for each key, what KMS has made of it and from when it holds; that moment is part
    of the encryption context, so that nobody who can only write to S3 can move it."""

    def __init__(self, kms: KMSClient, s3: S3Client, key_id: str, ring: str) -> None:
        self._kms, self._s3, self._key_id, self._ring = kms, s3, key_id, ring
        bucket, _, name = ring.removeprefix("s3://").partition("/")
        self._bucket, self._name = bucket, name

    def create(self) -> bool:
        with _asking(f"token keys at {self._ring}"):
            try:
                self._s3.head_object(Bucket=self._bucket, Key=self._name)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _ABSENT:
                    raise
                self._put([self._generated(0)[0]], IfNoneMatch="*")
                return True
        return False

    def read(self) -> KeyRing:
        entries, _ = self._entries()
        return self._unwrapped(entries)

    def add(self, from_ms: int) -> TokenKey:
        entries, tag = self._entries()
        keys = self._unwrapped(entries).keys
        with _asking(f"token keys at {self._ring}"):
            entry, added = self._generated(from_ms)
            with_next(keys, added)
            self._put([*entries, entry], IfMatch=tag)
        return added

    def _entries(self) -> tuple[list[dict[str, Any]], str]:
        with _asking(f"token keys at {self._ring}"):
            found = self._s3.get_object(Bucket=self._bucket, Key=self._name)
            content = found["Body"].read()
        try:
            entries = [
                {"from_ms": int(each["from_ms"]), "wrapped": str(each["wrapped"])}
                for each in json.loads(content)["keys"]
            ]
        except (ValueError, KeyError, TypeError):
            raise KeysError(f"{self._ring} is damaged; restore an earlier version of it") from None
        return entries, found["ETag"]

    def _unwrapped(self, entries: list[dict[str, Any]]) -> KeyRing:
        with _asking(f"token keys at {self._ring}"):
            return KeyRing(tuple(map(self._key, entries)))

    def _key(self, entry: dict[str, Any]) -> TokenKey:
        from_ms = entry["from_ms"]
        answer = self._kms.decrypt(
            CiphertextBlob=b64decode(entry["wrapped"]), KeyId=self._key_id, EncryptionContext=_context(from_ms)
        )
        return TokenKey(kid_of(answer["Plaintext"]), answer["Plaintext"], from_ms)

    def _generated(self, from_ms: int) -> tuple[dict[str, Any], TokenKey]:
        made = self._kms.generate_data_key(
            KeyId=self._key_id, NumberOfBytes=KEY_BYTES, EncryptionContext=_context(from_ms)
        )
        entry = {"from_ms": from_ms, "wrapped": b64encode(made["CiphertextBlob"]).decode()}
        return entry, TokenKey(kid_of(made["Plaintext"]), made["Plaintext"], from_ms)

    def _put(self, entries: list[dict[str, Any]], **condition: str) -> None:
        content = json.dumps({"keys": entries}, indent=1).encode()
        try:
            self._s3.put_object(Bucket=self._bucket, Key=self._name, Body=content, **condition)  # type: ignore[arg-type]
        except ClientError as error:
            if error.response["Error"]["Code"] in _CHANGED:
                raise KeysError(f"{self._ring} was changed by another meanwhile; look at it and try again") from None
            raise


def _context(from_ms: int) -> dict[str, str]:
    return {"purpose": "sluice-token-key", "from_ms": str(from_ms)}


@contextmanager
def _asking(what: str) -> Iterator[None]:
    """Errors of AWS as KeysError; they hold no key."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise KeysError(f"AWS does not give the {what}: {error}") from None
