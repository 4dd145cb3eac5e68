"""`sluice quarantine show`: one record, and what was done about it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sluice import settings
from sluice.commands.options import SettingsFile
from sluice.quarantine import corrections
from sluice.quarantine.corrections import Correction
from sluice.quarantine.held import Held, every, find
from sluice.quarantine.options import QuarantineId
from sluice.readable import money, utc


def _facts(held: Held) -> list[tuple[str, str]]:
    amount, currency = held["amount_minor"], held["currency"]
    known = money(amount, currency) if amount is not None and amount >= 0 and currency else None
    facts = [
        ("arrived", utc(held["ingested_at"])),
        ("stands at", f"{held['source_topic']}/{held['source_partition']}/{held['source_offset']}"),
        ("held by", held["step"]),
        ("reason", held["reason"]),
        ("field", held["field"]),
        ("message", held["message"]),
        ("transaction", held["transaction_id"]),
        ("customer", held["customer_id"]),
        ("amount", known),
        ("payload", held["payload"]),
    ]
    return [(name, value) for name, value in facts if value is not None]


def history(made: list[Correction], again: dict[str, Held]) -> list[str]:
    """Each correction in words; `again` maps the places of records to what was held back there."""
    lines = []
    for each in made:
        changes = ", ".join(
            f"{change['field']} removed" if change["value"] is None else f"{change['field']} = {change['value']}"
            for change in each["changes"]
        )
        did = f"fixed ({changes})" if changes else "sent again as it was"
        why = f": {each['why']}" if each["why"] else ""
        held = again.get(each["correction_id"])
        then = f"held back again, {held['reason']}" if held else "not held back again"
        lines.append(f"{utc(each['made_at'])}  {each['made_by']} {did}{why}; now {each['correction_id']}, {then}")
    return lines


def show(*, quarantine_id: QuarantineId, settings_file: SettingsFile = None) -> None:
    """Show one record that was held back, every digit of its payload masked, and what was done about it."""
    values, console = settings.load(settings_file), Console()
    known = every(values)
    held = find(known, quarantine_id)
    console.print(Text(held["quarantine_id"], style="bold"), soft_wrap=True)
    table = Table(box=None, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(held):
        table.add_row(name, Text(str(value)))
    console.print(table)
    made = corrections.read(values).get(held["quarantine_id"], [])
    again = {key.rpartition("-")[0]: each for key, each in known.items()}
    for line in history(made, again):
        console.print(Text(line), soft_wrap=True)
    if held["step"] not in corrections.GATED:
        console.print("to mend it: correct what wrote it, and have it sent anew", style="dim")
    elif not made:
        console.print(
            f"to mend it: sluice quarantine fix {held['quarantine_id']} --set field=value --why …", style="dim"
        )
