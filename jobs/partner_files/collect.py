"""What one look at a partner's folder gives: files that came, whole or broken, and those left where they are."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from contracts import reader
from jobs.partner_files import sftp
from jobs.partner_files.sftp import Offer, PartnerServerError, Server
from jobs.partner_files.spool import Part, Spool
from sluice.sections import PartnerFeed
from udfs.partner_files import names
from udfs.partner_files.refusal import FileRefusedError


class Received(NamedTuple):
    """A file on our disk. `problem` where it is not what its checksum says."""

    file_id: str
    offer: Offer
    part: Part
    problem: FileRefusedError | None = None


class Refused(NamedTuple):
    """A file that was not fetched."""

    file_id: str
    offer: Offer
    problem: FileRefusedError


@dataclass
class Collected:
    """`error` says why the look ended early; what had come by then stands here all the same."""

    received: list[Received] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    known: int = 0
    error: PartnerServerError | None = None


def collect(name: str, feed: PartnerFeed, spool: Spool, known: Collection[str]) -> Collected:
    """Fetch what is not `known` by its file_id. Raises SpoolError where our own disk is the trouble."""
    look = _Look(name, feed, spool, known)
    try:
        asyncio.run(look.go())
    except PartnerServerError as error:
        look.found.error = error
    return look.found


class _Look:
    def __init__(self, name: str, feed: PartnerFeed, spool: Spool, known: Collection[str]) -> None:
        self._name = name
        self._feed = feed
        self._spool = spool
        self._known = known
        self._contract = reader.load(feed.contract)
        self._under_way: set[str] = set()
        self.found = Collected()

    async def go(self) -> None:
        async with sftp.connected(self._feed) as server:
            offers = {each.name: each for each in await server.offers()}
            for offer in offers.values():
                if offer.name.endswith(names.CHECKSUM_SUFFIX):
                    self._await_file(offer.name.removesuffix(names.CHECKSUM_SUFFIX), offers)
                else:
                    await self._take_if_given(server, offer, offers)
            self._spool.clear(self._under_way)

    async def _take_if_given(self, server: Server, offer: Offer, offers: dict[bytes, Offer]) -> None:
        """One file that the server keeps from us stops no other."""
        try:
            await self._take(server, offer, offers)
        except sftp.NOT_GIVEN as error:
            self.found.waiting.append(f"{names.shown(offer.name)}: the server says: {names.shown(error.reason)}")

    def _await_file(self, name: bytes, offers: Collection[bytes]) -> None:
        if name not in offers:
            self.found.waiting.append(f"{names.shown(name)}: only its checksum file is there")

    async def _take(self, server: Server, offer: Offer, offers: dict[bytes, Offer]) -> None:
        beside = offer.name + names.CHECKSUM_SUFFIX
        said = b""
        try:
            self._check(offer)
            if beside not in offers:
                self.found.waiting.append(
                    f"{names.shown(offer.name)}: its checksum file {names.shown(beside)} is missing"
                )
                return
            said = await server.small(beside) if offers[beside].is_file else b""
            declared = names.checksum(said, offer.name)
        except FileRefusedError as problem:
            file_id = self._id(offer, offer.size, offer.modified_ms, said)
            if file_id in self._known:
                self.found.known += 1
            else:
                self.found.refused.append(Refused(file_id, offer, problem))
            return
        whole_id = self._id(offer, declared)
        this_id = self._id(offer, declared, offer.size, offer.modified_ms)
        if whole_id in self._known or this_id in self._known:
            self.found.known += 1
            return
        self._under_way.add(this_id)
        part = self._spool.part(this_id, offer.size)
        if await _fetched(server, offer, part, declared):
            self.found.received.append(Received(whole_id, offer, part))
        else:
            self.found.received.append(Received(this_id, offer, part, _broken(offer, part, declared)))

    def _check(self, offer: Offer) -> None:
        names.check_plain(offer.name)
        if not offer.is_file or offer.size < 0:
            raise FileRefusedError(
                "not_a_file",
                "it is a folder, a link or anything but a file, so it was not fetched; only files are expected here",
            )
        names.check_expected(offer.name, self._contract)
        if offer.size > self._feed.most_mib << 20:
            raise FileRefusedError(
                "too_large",
                f"it has {offer.size:,} bytes, more than most_mib ({self._feed.most_mib:,} MiB), so it was not "
                "fetched; where that is right, raise most_mib, else ask the partner",
            )

    def _id(self, offer: Offer, *marks: object) -> str:
        return names.file_id(self._name, offer.name, *marks)


async def _fetched(server: Server, offer: Offer, part: Part, declared: str) -> bool:
    """Whether the file has come as its checksum says; if it was begun by an earlier run, it gets a second try."""
    begun = part.size() > 0
    await server.fetch(offer, part)
    if part.sha256() != declared and begun:
        part.path.unlink()
        await server.fetch(offer, part)
    return part.sha256() == declared


def _broken(offer: Offer, part: Part, declared: str) -> FileRefusedError:
    return FileRefusedError(
        "checksum_mismatch",
        f"{part.size():,} of {offer.size:,} bytes came, with the SHA-256 {part.sha256()}, but its checksum file says "
        f"{declared}: it was cut off or changed on its way to the server; ask the partner to send both anew",
    )
