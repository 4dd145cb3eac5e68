"""A partner: a real SFTP server in this process, on a free port, with its keys, its folder and its bad days."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import threading
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pyrage

from sluice.sections import PartnerFeed, PartnerFiles
from sluice.settings import Settings, Warehouse

FEED = "acquirer"
USER = "sluice"
HEADER = "chargeback_id,customer_id,transaction_id,filed_at,stage,category,reason_code,amount_minor,currency,note"
NAME = "chargebacks_2026-11-16.csv.age"


def row(number: int, stage: str = "chargeback", note: str = "") -> str:
    return (
        f"CB{number},c{number},t{number},2026-11-1{number % 7}T08:00:00Z,{stage},fraud,10.4,{100 + number},USD,{note}"
    )


def csv(rows: Sequence[str], header: str = HEADER) -> bytes:
    return "".join(f"{line}\r\n" for line in (header, *rows)).encode()


def zipped(name: str, content: bytes, *more: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in (name, *more):
            archive.writestr(each, content)
    return packed.getvalue()


@dataclass
class Partner:
    """`folder` is what it serves. `listed` are entries that it tells of too, `kept_back` names that it won't give.

    `breaks_after` bytes of reading it drops the connection, once; `read` counts what it gave.
    """

    folder: Path
    identity: pyrage.x25519.Identity
    port: int = 0
    host_key: str = ""
    listed: list[asyncssh.SFTPName] = field(default_factory=list)
    kept_back: set[bytes] = field(default_factory=set)
    breaks_after: int | None = None
    read: int = 0

    def encrypted(self, plain: bytes) -> bytes:
        return bytes(pyrage.encrypt(plain, [self.identity.to_public()]))

    def puts(self, name: str, content: bytes, *, checksum_of: bytes | None = None) -> None:
        """A file as it shall come, and its checksum file."""
        (self.folder / name).write_bytes(content)
        digest = hashlib.sha256(content if checksum_of is None else checksum_of).hexdigest()
        (self.folder / f"{name}.sha256").write_text(f"{digest}  {name}\n", encoding="ascii")

    def sends(self, plain: bytes, name: str = NAME) -> None:
        """A whole file, packed as `name` says."""
        if name.endswith(".gz.age"):
            plain = gzip.compress(plain)
        elif name.endswith(".zip.age"):
            plain = zipped("chargebacks.csv", plain)
        self.puts(name, self.encrypted(plain))

    def withdraws(self, name: str = NAME) -> None:
        (self.folder / name).unlink()
        (self.folder / f"{name}.sha256").unlink()


class _Sftp(asyncssh.SFTPServer):
    def __init__(self, chan: asyncssh.SSHServerChannel[bytes], partner: Partner) -> None:
        super().__init__(chan, chroot=str(partner.folder).encode())
        self._partner = partner

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        async for each in super().scandir(path):
            yield each
        for entry in self._partner.listed:
            yield entry

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if path.rpartition(b"/")[2] in self._partner.kept_back:
            raise asyncssh.SFTPPermissionDenied("not yours")
        return super().open(path, pflags, attrs)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        data = super().read(file_obj, offset, size)
        assert isinstance(data, bytes)
        self._partner.read += len(data)
        limit = self._partner.breaks_after
        if limit is not None and self._partner.read > limit:
            self._partner.breaks_after = None
            self.channel.get_connection().abort()
        return data


@contextmanager
def serving(root: Path) -> Iterator[tuple[Partner, Settings]]:
    """The partner, and the settings of somebody who knows its host key; stopped at the end."""
    folder = root / "served"
    folder.mkdir()
    host, ours = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    partner = Partner(folder, pyrage.x25519.Identity.generate())
    partner.host_key = host.export_public_key().decode().strip()
    private_key, identity = root / "ssh.key", root / "age.key"
    private_key.write_bytes(ours.export_private_key())
    identity.write_text(f"# ours\n{partner.identity}\n", encoding="ascii")
    for each in (private_key, identity):
        each.chmod(0o600)
    authorized = root / "authorized_keys"
    authorized.write_bytes(ours.export_public_key())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host],
            authorized_client_keys=str(authorized),
            sftp_factory=lambda chan: _Sftp(chan, partner),
        )

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(30)
    partner.port = acceptor.get_port()
    feed = PartnerFeed(
        host="127.0.0.1",
        port=partner.port,
        host_keys=(partner.host_key,),
        user=USER,
        private_key=private_key,
        identity=identity,
        most_mib=1,
        most_plain_mib=2,
        timeout_seconds=10,
    )
    settings = Settings(
        warehouse=Warehouse(database=root / "warehouse.duckdb"),
        partner_files=PartnerFiles(home=root / "home", feeds={FEED: feed}),
    )
    try:
        yield partner, settings
    finally:

        async def close() -> None:
            acceptor.close()
            await acceptor.wait_closed()

        asyncio.run_coroutine_threadsafe(close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
