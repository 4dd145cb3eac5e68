"""The feeds of the settings, and the keys that their files are encrypted for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sluice.errors import SluiceError
from sluice.sections import PartnerFeed
from sluice.settings import Settings
from udfs.keys.file import read_private
from udfs.keys.ring import KeysError
from udfs.partner_files import opening


class PartnerFilesError(SluiceError):
    """Partners' files can't be worked on as the settings stand."""


def chosen(settings: Settings, names: Sequence[str] = ()) -> dict[str, PartnerFeed]:
    """The feeds of `names`, or all. Raises PartnerFilesError."""
    feeds = settings.partner_files.feeds
    if not feeds:
        raise PartnerFilesError("no feed is set; name one under partner_files.feeds, see jobs/partner_files/README.md")
    for name in names:
        if name not in feeds:
            raise PartnerFilesError(f"there is no feed {name} in partner_files.feeds, but {', '.join(feeds)}")
    return {name: feeds[name] for name in names or feeds}


def identities(name: str, feed: PartnerFeed) -> list[Any]:
    """The keys that the feed's files are encrypted for. Raises PartnerFilesError, also where others can read a key."""
    for setting, path in (("private_key", feed.private_key), ("identity", feed.identity)):
        if not path.is_file():
            raise PartnerFilesError(f"partner_files.feeds.{name}.{setting}: {path} does not exist or is no file")
    try:
        read_private(feed.private_key)
        return opening.identities(read_private(feed.identity))
    except opening.IdentitiesError as error:
        raise PartnerFilesError(f"partner_files.feeds.{name}.identity: {feed.identity}: {error}") from None
    except KeysError as error:
        raise PartnerFilesError(f"partner_files.feeds.{name}: one of its keys: {error}") from None
