"""Takes what a partner's SFTP server offers, and goes on where a broken connection left off.

Only the server whose host key stands in the settings is talked to. What it says is not believed: a file is bounded by
the size that was listed, and whole only with the checksum that the partner gave.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncssh

from jobs.partner_files.spool import Part
from sluice.errors import SluiceError
from sluice.sections import PartnerFeed
from udfs.partner_files import names

_CHUNK = 1 << 18
_MOST_LISTED = 20_000
_MOST_CHECKSUM_BYTES = 4_096
_KEEPALIVES = 3
_LATEST_MS = 4_102_444_800_000  # the year 2100; a server may say anything
NOT_GIVEN = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure)
"""What a server answers that won't give one file or folder."""


class PartnerServerError(SluiceError):
    """The partner's server does not answer, is not the one of the settings, or does not let us in."""


class Offer(NamedTuple):
    """One entry of the folder, as the server tells it; `size` in bytes, -1 where it is not told."""

    name: bytes
    size: int
    modified_ms: int
    is_file: bool


class Server:
    """One open connection."""

    def __init__(self, client: asyncssh.SFTPClient, folder: str, timeout_s: float) -> None:
        self._client = client
        self._folder = folder.encode()
        self._timeout_s = timeout_s

    async def offers(self) -> list[Offer]:
        """Everything in the folder, by name. Raises PartnerServerError for more than anybody would put there."""
        found: list[Offer] = []
        async with asyncio.timeout(self._timeout_s * 10):
            async for entry in self._client.scandir(self._folder):
                if entry.filename not in {b".", b".."}:
                    found.append(_offer(entry))
                if len(found) > _MOST_LISTED:
                    raise PartnerServerError(
                        f"its folder {self._folder.decode()} holds more than {_MOST_LISTED:,} entries; is it the right "
                        "one (folder)? Ask the partner to clear it"
                    )
        return sorted(found)

    async def small(self, name: bytes) -> bytes:
        """The first bytes of a file, as many as a checksum file may have and one more."""
        async with asyncio.timeout(self._timeout_s), self._client.open(self._path(name), "rb") as file:
            content: bytes = await file.read(_MOST_CHECKSUM_BYTES + 1)
            return content

    async def fetch(self, offer: Offer, part: Part) -> None:
        """Bring `part` to the size that was listed, from where it stands; less if the server has no more."""
        async with self._client.open(self._path(offer.name), "rb") as file:
            with part.open() as local:
                while (begin := local.tell()) < offer.size:
                    async with asyncio.timeout(self._timeout_s):
                        data: bytes = await file.read(min(_CHUNK, offer.size - begin), begin)
                    if not data:
                        return
                    part.append(local, data)

    def _path(self, name: bytes) -> bytes:
        return self._folder + b"/" + name


@asynccontextmanager
async def connected(feed: PartnerFeed) -> AsyncIterator[Server]:
    """Log in with the key of the settings. Raises PartnerServerError, which says what to look at."""
    at = f"{feed.host}:{feed.port}"
    try:
        trusted = [asyncssh.import_public_key(each) for each in feed.host_keys]
        async with (
            asyncssh.connect(
                feed.host,
                feed.port,
                username=feed.user,
                client_keys=[str(feed.private_key)],
                known_hosts=(trusted, [], []),
                config=None,
                agent_path=None,
                connect_timeout=feed.timeout_seconds,
                login_timeout=feed.timeout_seconds,
                keepalive_interval=feed.timeout_seconds / _KEEPALIVES,
                keepalive_count_max=_KEEPALIVES,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            yield Server(client, feed.folder, feed.timeout_seconds)
    except asyncssh.HostKeyNotVerifiable as error:
        raise PartnerServerError(
            f"{at} shows a host key that is not in host_keys, so it may be another machine and was told nothing; ask "
            "the partner, by another way than this server, whether its key has changed"
        ) from error
    except asyncssh.PermissionDenied as error:
        raise PartnerServerError(
            f"{at} does not let user {feed.user} in with {feed.private_key}; ask the partner whether they "
            "have its public key"
        ) from error
    except asyncssh.KeyImportError as error:
        raise PartnerServerError(
            f"{at}: private_key {feed.private_key}, or one of host_keys, is no key that can be used: {error}"
        ) from error
    except NOT_GIVEN as error:
        raise PartnerServerError(f"{at} says of folder {feed.folder}: {names.shown(error.reason)}") from error
    except (asyncssh.Error, OSError, TimeoutError) as error:
        said = names.shown(str(error)) or type(error).__name__
        raise PartnerServerError(f"{at} does not answer or broke off: {said}; what has come is kept") from error


def _offer(entry: asyncssh.SFTPName) -> Offer:
    """An entry without a time has always the same one, so that it is not new at each look."""
    name = entry.filename if isinstance(entry.filename, bytes) else entry.filename.encode(errors="surrogateescape")
    attributes = entry.attrs
    is_file = attributes.permissions is not None and stat.S_ISREG(attributes.permissions)
    size = -1 if attributes.size is None else attributes.size
    modified_ms = 0 if attributes.mtime is None else min(int(attributes.mtime) * 1_000, _LATEST_MS)
    return Offer(name, size, modified_ms, is_file or attributes.type == asyncssh.FILEXFER_TYPE_REGULAR)
