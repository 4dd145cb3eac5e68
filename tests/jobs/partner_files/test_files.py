"""Each kind of file that a partner's server may offer, from its folder to the warehouse or to quarantine."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from contracts import reader
from jobs.partner_files import books, entries, main, settling
from jobs.partner_files.feeds import PartnerFilesError
from jobs.partner_files.main import Looked
from sluice import warehouse
from sluice.settings import Settings
from tests.jobs.partner_files.partner import FEED, HEADER, NAME, Partner, csv, row, serving, zipped

NEXT = "chargebacks_2026-11-23.csv.age"
MIB = 1 << 20


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Partner, Settings]]:
    with serving(tmp_path) as both:
        yield both


def look(settings: Settings) -> Looked:
    return main.fetch(settings, FEED, settings.partner_files.feeds[FEED])


def states(looked: Looked) -> list[tuple[str, str | None]]:
    return [(each.state, each.reason) for each in looked.entries]


def asked(settings: Settings, query: str) -> list[Any]:
    with warehouse.opened(settings.warehouse.database) as connection:
        return list(connection.execute(query).fetchall())


def rows_of(settings: Settings) -> list[Any]:
    return asked(
        settings, "select chargeback_id, stage, amount_minor from chargebacks order by recorded_at, chargeback_id"
    )


def all_written(settings: Settings) -> bytes:
    """Every byte below the folder of the service, and of the warehouse."""
    files = [*settings.partner_files.home.rglob("*"), *settings.warehouse.database.parent.glob("warehouse.duckdb*")]
    return b"\n".join(each.read_bytes() for each in files if each.is_file())


@pytest.mark.parametrize("suffix", ["csv.age", "csv.gz.age", "zip.age"])
def test_a_file_is_loaded_once(house: tuple[Partner, Settings], suffix: str) -> None:
    partner, settings = house
    partner.sends(csv([row(1), row(2)]), f"chargebacks_2026-11-16.{suffix}")
    assert states(look(settings)) == [("loaded", None)]
    assert rows_of(settings) == [("CB1", "chargeback", 101), ("CB2", "chargeback", 102)]
    again = look(settings)
    assert (again.entries, again.known) == ((), 1)
    assert asked(settings, "select kind, rows from load_manifest") == [("chargebacks", 2)]
    assert not list((settings.partner_files.home / FEED / "incoming").iterdir())


def test_columns_that_we_may_not_keep_are_nowhere(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    secrets = ("4111111111111111", "Jane Q. Sentinel")
    lines = [f"{row(number)},{','.join(secrets)}" for number in range(50)]
    partner.sends(csv(lines, f"{HEADER},card_number,cardholder_name"))
    (entry,) = look(settings).entries
    assert (entry.state, entry.removed_columns) == ("loaded", ("card_number", "cardholder_name"))
    partner.sends(csv([f"{row(1)},{','.join(secrets)}"], f"{HEADER},card_number,holder"), NEXT)
    assert states(look(settings)) == [("quarantined", "columns_differ")]
    written = all_written(settings)
    assert not [each for each in secrets if each.encode() in written]
    assert b"cardholder_name" in written, "the search would have found something"


def test_truncated_on_its_way_to_the_server(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    whole = partner.encrypted(csv([row(1)]))
    partner.puts(NAME, whole[:-9], checksum_of=whole)
    (entry,) = look(settings).entries
    assert (entry.state, entry.reason) == ("quarantined", "checksum_mismatch")
    assert look(settings).entries == ()
    partner.puts(NAME, whole)
    assert states(look(settings)) == [("loaded", None)]
    (row_,) = [each for each in latest(settings) if each["state"] == "quarantined"]
    with pytest.raises(PartnerFilesError, match="sent anew"):
        settling.retry(settings, row_)


def test_truncated_before_its_checksum_was_made(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    cut = partner.encrypted(csv([row(1)]))[:-9]
    partner.puts(NAME, cut)
    (entry,) = look(settings).entries
    assert (entry.state, entry.reason) == ("quarantined", "undecryptable")
    kept = settings.partner_files.home / FEED / "quarantine" / f"{entry.file_id}.age"
    assert kept.read_bytes() == cut
    assert rows_of(settings) == []


def test_sent_again(house: tuple[Partner, Settings]) -> None:
    """The same bytes are no news; encrypted anew they are a duplicate; other rows under the same name count."""
    partner, settings = house
    content = csv([row(1), row(2)])
    partner.sends(content)
    (first,) = look(settings).entries
    partner.puts(NAME, (partner.folder / NAME).read_bytes())
    assert look(settings).entries == ()
    partner.sends(content)
    (second,) = look(settings).entries
    assert (second.state, second.duplicate_of) == ("duplicate", first.file_id)
    assert len(rows_of(settings)) == 2
    partner.sends(csv([row(1), row(2, "reversed"), row(3)]))
    (third,) = look(settings).entries
    assert (third.state, third.rows, third.new_rows) == ("loaded", 3, 2)
    assert rows_of(settings)[2:] == [("CB2", "reversed", 102), ("CB3", "chargeback", 103)]


def test_renamed(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(1)]))
    (first,) = look(settings).entries
    (partner.folder / NAME).rename(partner.folder / NEXT)
    (partner.folder / f"{NAME}.sha256").unlink()
    partner.puts(NEXT, (partner.folder / NEXT).read_bytes())
    (second,) = look(settings).entries
    assert (second.state, second.name, second.duplicate_of) == ("duplicate", NEXT, first.file_id)
    assert len(rows_of(settings)) == 1


def test_empty(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.puts(NAME, b"")
    partner.sends(b"", "chargebacks_2026-11-17.csv.age")
    partner.sends(csv([]), "chargebacks_2026-11-18.csv.age")
    assert states(look(settings)) == [("quarantined", "empty"), ("quarantined", "empty"), ("loaded", None)]
    assert rows_of(settings) == []


def test_huge(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.puts(NAME, b"x" * (MIB + 1))
    partner.sends(csv([row(number, note="n" * 500) for number in range(5_000)]), "chargebacks_2026-11-17.csv.gz.age")
    looked = look(settings)
    assert states(looked) == [("quarantined", "unpacks_too_large"), ("refused", "too_large")]
    assert partner.read < MIB, "it was not fetched"
    assert look(settings).entries == ()
    partner.sends(csv([row(number) for number in range(20_001)]), "chargebacks_2026-11-18.csv.gz.age")
    (entry,) = look(settings).entries
    assert (entry.rows, entry.new_rows, len(rows_of(settings))) == (20_001, 20_001, 20_001)


def test_bombs(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    zeros = b"0" * 40 * MIB
    partner.puts("chargebacks_2026-11-16.csv.gz.age", partner.encrypted(gzip.compress(zeros)))
    partner.puts("chargebacks_2026-11-16.zip.age", partner.encrypted(zipped("x.csv", zeros)))
    assert states(look(settings)) == [("quarantined", "unpacks_too_large")] * 2


def test_names_that_lead_elsewhere(house: tuple[Partner, Settings], tmp_path: Path) -> None:
    partner, settings = house
    attributes = asyncssh.SFTPAttrs(size=5, permissions=0o100644, mtime=1)
    for name in (b"../../evil.age", b"/evil.age", b"evil\x1b[2J", b"evil\xff"):
        partner.listed.append(asyncssh.SFTPName(name, attrs=attributes))
    partner.puts("chargebacks_2026-11-16.zip.age", partner.encrypted(zipped("../../evil.csv", csv([row(1)]))))
    (partner.folder / NAME).symlink_to(tmp_path / "age.key")
    (partner.folder / "archive").mkdir()
    looked = look(settings)
    assert sorted(states(looked), key=str) == [
        ("quarantined", "bad_archive"),
        ("refused", "not_a_file"),
        ("refused", "not_a_file"),
        *[("refused", "unsafe_name")] * 4,
    ]
    assert not list(tmp_path.parent.rglob("evil*"))
    assert all(each.name.isprintable() for each in looked.entries)
    assert look(settings).entries == ()


def test_a_formula_holds_the_file(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(1), row(2, note='"=HYPERLINK(""http://evil"")"')]))
    (entry,) = look(settings).entries
    assert entry.reason == "bad_rows"
    assert entry.findings == ((3, "note", "begins like a formula, which a spreadsheet would run"),)
    assert rows_of(settings) == []
    assert b"HYPERLINK" not in all_written(settings)


def latest(settings: Settings) -> list[dict[str, Any]]:
    with warehouse.opened(settings.warehouse.database) as connection:
        return books.latest(connection)


def test_other_columns_hold_the_file_until_it_is_mended(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(1)], HEADER.replace("amount_minor", "amount")))
    look(settings)
    (held,) = latest(settings)
    assert held["column_diff"] == [
        {"column": "amount_minor", "difference": "missing"},
        {"column": "amount", "difference": "unexpected"},
    ]
    assert settling.retry(settings, held).reason == "columns_differ"
    assert len(asked(settings, "from partner_files")) == 1, "the same said again is no news"


def test_what_a_mended_limit_lets_through(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(number, note="n" * 500) for number in range(5_000)]), "chargebacks_2026-11-17.csv.gz.age")
    look(settings)
    (held,) = latest(settings)
    feed = settings.partner_files.feeds[FEED].model_copy(update={"most_plain_mib": 8})
    wider = settings.partner_files.model_copy(update={"feeds": {FEED: feed}})
    loaded = settling.retry(settings.model_copy(update={"partner_files": wider}), held)
    assert (loaded.state, loaded.new_rows) == ("loaded", 5_000)
    assert [each["state"] for each in latest(settings)] == ["loaded"]
    assert not list((settings.partner_files.home / FEED / "quarantine").iterdir())
    with pytest.raises(PartnerFilesError, match="is gone"):
        settling.retry(settings, held)


def test_a_retry_that_was_killed_before_it_cleared_away(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.puts(NAME, b"x")
    (held,) = look(settings).entries
    kept = settings.partner_files.home / FEED / "quarantine" / f"{held.file_id}.age"
    assert kept.exists()
    look(settings)
    assert kept.exists(), "it is not loaded yet"
    with warehouse.opened(settings.warehouse.database) as connection:
        contract = reader.load("chargebacks")
        columns: dict[str, list[Any]] = {name: [] for name in contract.names()}
        content = entries.Content([entries.arrow(columns, contract)], (), "digest", 0)
        books.load(connection, replace(held, state="loaded", reason=None, message=None), content, contract)
    look(settings)
    assert not kept.exists()


def test_what_is_not_yet_there_is_awaited(house: tuple[Partner, Settings]) -> None:
    partner, settings = house
    partner.sends(csv([row(1)]))
    (partner.folder / f"{NAME}.sha256").rename(partner.folder / f"{NEXT}.sha256")
    looked = look(settings)
    assert looked.entries == ()
    assert looked.waiting == (
        f"{NAME}: its checksum file {NAME}.sha256 is missing",
        f"{NEXT}: only its checksum file is there",
    )
    partner.puts(NEXT, (partner.folder / NAME).read_bytes())
    (partner.folder / f"{NEXT}.sha256").rename(partner.folder / f"{NAME}.sha256")
    (partner.folder / NEXT).unlink()
    assert states(look(settings)) == [("refused", "bad_checksum_file")], "it names another file"
    partner.sends(csv([row(1)]))
    assert states(look(settings)) == [("loaded", None)]
