"""Finds the committed files of the lake on S3, and lets DuckDB read them there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import NamedTuple
from urllib.parse import urlsplit

import boto3
import botocore.exceptions
import duckdb

from sluice import aws
from sluice.compaction import log
from sluice.compaction.objects import Objects, S3Objects
from sluice.lake_layout import KINDS
from sluice.settings import Aws, Lake
from sluice.warehouse import WarehouseError


class LakeFile(NamedTuple):
    """One file of a kind; `etag` is its content's mark, so that a file that was rewritten is noticed."""

    kind: str
    path: str
    etag: str


def on_s3(where: Aws, lake: Lake) -> Iterator[LakeFile]:
    """Every committed data file of the lake that counts, by path; where files were merged, the one that they are in.

    S3 shows an object only when its upload was completed, which Flink does when a checkpoint commits: what is listed
    is final. Raises WarehouseError when S3 does not answer or there is no such bucket.
    """
    with _answering(where, lake):
        yield from live(S3Objects(aws.s3(where), lake.bucket), lake.prefix)


@contextmanager
def _answering(where: Aws, lake: Lake) -> Iterator[None]:
    try:
        yield
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        place = where.endpoint_url or f"AWS in {where.region}"
        raise WarehouseError(
            f"the lake s3://{lake.bucket}/{lake.prefix} can't be listed at {place}: {error}; "
            "check aws.endpoint_url and lake.bucket, or start the servers with `sluice up`"
        ) from error


def live(objects: Objects, prefix: str) -> Iterator[LakeFile]:
    """As `on_s3`, for the lake below `prefix` in any object store."""
    for kind in KINDS:
        for name in kind.folders:
            for folder in log.folders(objects.list(f"{prefix}/{name}/")):
                for each in folder.live(folder.entries(objects)):
                    yield LakeFile(kind.name, objects.uri(each.key), each.etag)


def paths_by_kind(files: Iterable[LakeFile]) -> dict[str, list[str]]:
    """The paths of `files`, by kind; each kind is there, perhaps with none."""
    found: dict[str, list[str]] = {kind.name: [] for kind in KINDS}
    for each in files:
        found[each.kind].append(each.path)
    return found


def replaced_on_s3(where: Aws, lake: Lake) -> Callable[[str], Sequence[str]]:
    """What tells the paths that a merged file stands for, none for any other; it raises as `on_s3` does."""
    objects = S3Objects(aws.s3(where), lake.bucket)

    @cache
    def replaced(path: str) -> Sequence[str]:
        with _answering(where, lake):
            return log.replaced(objects, path)

    return replaced


def _secret_options(where: Aws) -> dict[str, str]:
    session = boto3.Session(where.access_key_id, where.secret_access_key, region_name=where.region)
    found = session.get_credentials()
    frozen = found.get_frozen_credentials() if found else None
    if frozen is None or frozen.access_key is None or frozen.secret_key is None:
        raise WarehouseError("no AWS credentials; set aws.access_key_id and aws.secret_access_key, or log in to AWS")
    options = {"key_id": frozen.access_key, "secret": frozen.secret_key, "region": where.region}
    if frozen.token:
        options["session_token"] = frozen.token
    if where.endpoint_url:
        options |= {"endpoint": urlsplit(where.endpoint_url).netloc, "url_style": "path"}
    return options


def let_read(connection: duckdb.DuckDBPyConnection, where: Aws) -> None:
    """Load DuckDB's S3 reader from the installed package, never from the network, and give it the settings' access."""
    folder = resources.files("duckdb_extension_httpfs") / "extensions" / f"v{duckdb.__version__}"
    connection.load_extension(str(folder / "httpfs.duckdb_extension"))
    options = [f"{name} '{value.replace(chr(39), chr(39) * 2)}'" for name, value in _secret_options(where).items()]
    secure = "false" if (where.endpoint_url or "").startswith("http:") else "true"
    connection.execute(f"create secret lake (type s3, use_ssl {secure}, {', '.join(options)})")
