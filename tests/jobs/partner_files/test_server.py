"""The partner's server on its bad days: another machine, away, breaking off, keeping things back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from jobs.partner_files import main, sftp
from jobs.partner_files.feeds import PartnerFilesError
from jobs.partner_files.main import Looked
from jobs.partner_files.spool import Spool, SpoolError
from localstack.ports import free_port
from sluice.sections import PartnerFeed
from sluice.settings import Settings
from tests.jobs.partner_files.partner import FEED, NAME, Partner, csv, row, serving

NEXT = "chargebacks_2026-11-23.csv.age"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Partner, Settings]]:
    with serving(tmp_path) as both:
        yield both


def look(settings: Settings, **changes: Any) -> Looked:
    return main.fetch(settings, FEED, feed(settings, **changes))


def feed(settings: Settings, **changes: Any) -> PartnerFeed:
    return PartnerFeed.model_validate(settings.partner_files.feeds[FEED].model_dump() | changes)


def test_a_server_with_another_host_key_is_told_nothing(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    partner.sends(csv([row(1)]))
    looked = look(settings, host_keys=(other,))
    assert "shows a host key that is not in host_keys" in str(looked.error)
    assert (looked.entries, partner.read) == ((), 0)
    assert look(settings, host_keys=(other, partner.host_key)).error is None, "while a partner changes its key"


@pytest.mark.parametrize("host_keys", [(), ("ssh-ed25519",), ("SHA256:abc",), ("",)])
def test_without_a_host_key_there_is_no_feed(house: tuple[Partner, Settings], host_keys: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="host_keys"):
        feed(house[1], host_keys=host_keys)


def test_a_user_or_a_folder_that_the_server_does_not_know(house: tuple[Partner, Settings], tmp_path: Path) -> None:
    _, settings = house
    stranger = tmp_path / "stranger.key"
    stranger.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    stranger.chmod(0o600)
    assert "does not let user sluice in" in str(look(settings, private_key=stranger).error)
    assert "says of folder nowhere: No such file" in str(look(settings, folder="nowhere").error)
    stranger.write_text("no key", encoding="ascii")
    assert "is no key that can be used" in str(look(settings, private_key=stranger).error)
    assert "one of host_keys" in str(look(settings, host_keys=("ssh-ed25519 AAAA",)).error)


def test_a_server_that_is_away(house: tuple[Partner, Settings]) -> None:
    assert "does not answer" in str(look(house[1], port=free_port()).error)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "does not answer" in str(look(house[1], port=port, timeout_seconds=0.2).error)


def test_a_key_that_others_can_read(house: tuple[Partner, Settings]) -> None:
    _, settings = house
    identity = settings.partner_files.feeds[FEED].identity
    identity.chmod(0o644)
    with pytest.raises(PartnerFilesError, match="chmod 600"):
        look(settings)
    identity.chmod(0o600)
    identity.write_text("no key", encoding="ascii")
    with pytest.raises(PartnerFilesError, match="AGE-SECRET-KEY-1"):
        look(settings)
    identity.unlink()
    with pytest.raises(PartnerFilesError, match=r"identity: .* does not exist"):
        look(settings)


def test_a_connection_that_breaks_is_gone_on_with(
    house: tuple[Partner, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    partner, settings = house
    monkeypatch.setattr(sftp, "_CHUNK", 1 << 16)
    partner.sends(csv([row(1)]), NEXT)
    partner.sends(csv([row(number) for number in range(10_000)]))
    size = (partner.folder / NAME).stat().st_size
    partner.breaks_after = size // 2
    first = look(settings)
    assert "what has come is kept" in str(first.error)
    assert first.entries == ()
    (part,) = (settings.partner_files.home / FEED / "incoming").iterdir()
    come = part.stat().st_size
    assert 0 < come < size
    partner.read = 0
    second = look(settings)
    assert [each.rows for each in second.entries] == [10_000, 1]
    others = sum(each.stat().st_size for each in partner.folder.iterdir()) - size
    assert partner.read == size - come + others, "nothing came twice"


def test_a_part_that_does_not_fit_is_fetched_anew(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(number) for number in range(3_000)]))
    partner.breaks_after = 100_000
    look(settings)
    (part,) = (settings.partner_files.home / FEED / "incoming").iterdir()
    part.write_bytes(b"damaged")
    (entry,) = look(settings).entries
    assert (entry.state, entry.rows) == ("loaded", 3_000)


def test_what_came_before_it_broke_off_is_loaded(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(1)]))
    partner.sends(csv([row(2)]), NEXT)
    partner.breaks_after = sum((partner.folder / name).stat().st_size for name in (NAME, f"{NAME}.sha256"))
    looked = look(settings)
    assert looked.error is not None
    assert [each.name for each in looked.entries] == [NAME]
    assert [each.name for each in look(settings).entries] == [NEXT]


def test_a_file_that_is_kept_back_stops_no_other(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(1)]))
    partner.sends(csv([row(2)]), NEXT)
    partner.kept_back.add(NAME.encode())
    looked = look(settings)
    assert looked.waiting == (f"{NAME}: the server says: not yours",)
    assert [each.name for each in looked.entries] == [NEXT]


def test_a_part_of_what_the_partner_took_back_goes(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(number) for number in range(3_000)]))
    partner.breaks_after = 100_000
    look(settings)
    incoming = settings.partner_files.home / FEED / "incoming"
    assert list(incoming.iterdir())
    partner.withdraws()
    assert look(settings).error is None
    assert not list(incoming.iterdir())


def test_one_process_at_a_time(house: tuple[Partner, Settings]) -> None:
    _, settings = house
    with Spool(settings.partner_files.home, FEED).alone(), pytest.raises(SpoolError, match="another process"):
        look(settings)
    assert look(settings).error is None


def test_it_looks_again_when_due_and_sooner_after_a_failure(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    seen: list[Looked] = []
    stop = threading.Event()
    quick = settings.partner_files.model_copy(update={"again_minutes": 0.0001})
    quick_settings = settings.model_copy(update={"partner_files": quick})
    partner.sends(csv([row(number) for number in range(3_000)]))
    partner.breaks_after = 100_000

    def told(looked: Looked) -> None:
        seen.append(looked)
        if len(seen) == 3:
            stop.set()

    def due(began: datetime) -> datetime:
        return datetime.now(UTC) if len(seen) == 2 else began + timedelta(days=7)

    main.run(quick_settings, quick.feeds, due, told, stop)
    assert [each.error is None for each in seen] == [False, True, True]
    assert [len(each.entries) for each in seen] == [0, 1, 0]
