"""What "nothing lost" means, as checks of what was found against what the oracle says.

D1 each record has one end, D2 every place holds what the oracle says, D3 no id stands twice where that is promised,
D4 money balances, D6 no card number left the raw topic. D5, that the jobs catch up, is known before anything is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from bench.proof import judge, leaks, places
from bench.proof.found import IDS, Found
from bench.proof.judge import Facts
from sluice.lake_layout import KINDS
from tests.oracle import Answer, answer
from tests.oracle.episodes import episodes

_CLOCKS = {"latency_ms", "decided_at", "changed_at", "enriched_at"}
"""What differs when a record is written again."""


class Check(NamedTuple):
    """`name` begins with the rule's number; `words` say what was seen."""

    name: str
    passed: bool
    words: str


def compare(name: str, found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> Check:
    """Whether both map the same to the same; the words never show a value."""
    missing = len(expected.keys() - found.keys())
    extra = len(found.keys() - expected.keys())
    differ = sum(found[key] != expected[key] for key in found.keys() & expected.keys())
    if missing or extra or differ:
        return Check(name, passed=False, words=f"{missing:,} missing, {extra:,} too many, {differ:,} differ")
    return Check(name, passed=True, words=f"{len(expected):,} as expected")


def _unique(name: str, rows: Iterable[Facts], key: str) -> Check:
    counts = Counter(row[key] for row in rows)
    repeats = sum(each - 1 for each in counts.values())
    return Check(name, not repeats, f"{len(counts):,} ids, {repeats:,} rows too many")


def one_end_each(found: Found) -> Check:
    """D1, by counting the records that were read."""
    ends = Counter(
        (row["source_partition"], row["source_offset"])
        for topic in ("decisions", "quarantine", "duplicates")
        for row in found.once(topic)
    )
    return compare("D1 one end each", ends, dict.fromkeys(((each.partition, each.offset) for each in found.log), 1))


def topics_hold(found: Found, expected: Answer, token: Callable[[str], str]) -> list[Check]:
    """D2 of the topics."""
    return [
        compare(
            "D2 decisions",
            judge.found_decisions(found.once("decisions")),
            judge.expected_decisions(expected, token),
        ),
        compare("D2 quarantine", judge.found_quarantine(found.once("quarantine")), judge.expected_quarantine(expected)),
        compare("D2 duplicates", judge.found_duplicates(found.once("duplicates")), judge.expected_duplicates(expected)),
    ]


def alerts_hold(found: Found, expected: Answer, token: Callable[[str], str]) -> Iterator[Check]:
    """D2 of the alerts, those of the patterns too where they were looked for."""
    wanted = judge.expected_alerts(expected, token)
    if found.at_terminals is not None:
        wanted |= judge.expected_matches(expected, token, found.at_terminals)
    places_of_alerts = {"D2 alerts": found.once("alerts")}
    if found.tables is not None:
        places_of_alerts["D2 hot alerts"] = found.tables["alerts"]
    for name, rows in places_of_alerts.items():
        counts = Counter(each for row in rows for each in judge.found_alerts([row]))
        yield compare(name, counts, dict.fromkeys(wanted, 1))


def episodes_hold(found: Found) -> Check:
    """D2 of the episodes: each alert of the topic in the one that it belongs to, in the order of arrival."""
    of_episode: dict[str, list[str]] = {}
    for row in found.once("episodes"):
        if row.get("alert") is not None:
            of_episode.setdefault(row["episode_id"], []).append(row["alert"]["alert_id"])
    wanted = Counter(episodes(found.once("alerts")))
    return compare("D2 episodes", Counter(map(tuple, of_episode.values())), wanted)


def parquet_holds(parquet: dict[str, list[Facts]], expected: Answer, token: Callable[[str], str]) -> list[Check]:
    """D2 and D3 of the lake, which promises each row exactly once."""
    return [
        compare(
            "D2 lake decisions",
            judge.found_decisions(parquet["decisions"]),
            judge.expected_decisions(expected, token),
        ),
        compare(
            "D2 lake quarantine",
            judge.found_quarantine(parquet["quarantine"]),
            judge.expected_quarantine(expected),
        ),
        compare(
            "D2 lake duplicates",
            judge.found_duplicates(parquet["duplicates"]),
            judge.expected_duplicates(expected),
        ),
        *(_unique(f"D3 lake {kind.name}", parquet[kind.name], kind.key) for kind in KINDS),
    ]


def tables_hold(tables: dict[str, list[Facts]], expected: Answer, token: Callable[[str], str]) -> list[Check]:
    """D2 of the hot state."""
    decisions = judge.expected_decisions(expected, token)
    transactions = places.of_transactions(tables["transactions"])
    return [
        compare("D2 hot cards", places.of_cards(tables["cards"]), places.expected_cards(decisions)),
        compare("D2 hot transactions", transactions, places.expected_transactions(decisions)),
    ]


def enriched_hold(found: Found, expected: Answer, token: Callable[[str], str]) -> Check:
    """D2 of the enriched decisions, where no reference was told of."""
    enriched = judge.found_enriched(found.once("enriched_decisions"))
    return compare("D2 enriched decisions", enriched, judge.expected_enriched(expected, token))


def repeats_agree(found: Found) -> Check:
    """D3 of the topics, which are written at least once: what has the same id says the same."""
    first: dict[tuple[str, str], Facts] = {}
    repeats = differ = 0
    for topic, key in IDS.items():
        for row in found.topics[topic]:
            content = {name: value for name, value in row.items() if name not in _CLOCKS}
            before = first.setdefault((topic, row[key]), content)
            repeats += before is not content
            differ += before != content
    return Check("D3 repeats agree", not differ, f"{repeats:,} repeats in the topics, {differ:,} say something else")


def money_balances(found: Found, expected: Answer) -> Check:
    """D4: minor units by currency and end."""
    sums: Counter[tuple[str, str]] = Counter()
    for topic in ("decisions", "quarantine", "duplicates"):
        for row in found.once(topic):
            if row["amount_minor"] is not None and row["currency"] is not None:
                sums[row["currency"], topic] += row["amount_minor"]
    wanted: Counter[tuple[str, str]] = Counter()
    for currency, money in expected.money.items():
        wanted[currency, "decisions"] += money.valid
        wanted[currency, "quarantine"] += money.quarantined
        wanted[currency, "duplicates"] += money.duplicate
    balanced = all(each.incoming == each.valid + each.quarantined + each.duplicate for each in expected.money.values())
    check = compare(
        "D4 money",
        {key: amount for key, amount in sums.items() if amount},
        {key: amount for key, amount in wanted.items() if amount},
    )
    return check._replace(passed=check.passed and balanced)


def nothing_leaks(artefacts: Iterable[tuple[str, bytes]], found: Found, planted: frozenset[str]) -> Check:
    """D6 over what was found and `artefacts`; the raw topic shows that the search finds."""
    name = "D6 no card number"
    if not leaks.found(b"\n".join(record.value for record in found.log), planted):
        return Check(name, passed=False, words="the search does not find the cards where they are")
    searched = 0
    for place, content in (*_as_artefacts(found), *artefacts):
        searched += len(content)
        if hits := leaks.found(content, planted):
            return Check(name, passed=False, words=f"{len(hits)} card numbers in {place}")
    return Check(name, passed=True, words=f"none in {searched / 1_048_576:,.1f} MiB")


def _as_artefacts(found: Found) -> Iterable[tuple[str, bytes]]:
    for topic, rows in found.topics.items():
        yield f"topic:{topic}", orjson.dumps(rows)
    for kind, rows in (found.parquet or {}).items():
        yield f"s3:{kind}", orjson.dumps(rows)
    for table, rows in (found.tables or {}).items():
        yield f"dynamodb:{table}", orjson.dumps(rows)


def check(
    found: Found, token: Callable[[str], str], planted: frozenset[str], artefacts: Iterable[tuple[str, bytes]]
) -> list[Check]:
    """All checks of what was found, D1 to D6 without D5."""
    expected = answer(found.log)
    return [
        one_end_each(found),
        *topics_hold(found, expected, token),
        *(parquet_holds(found.parquet, expected, token) if found.parquet is not None else ()),
        *(tables_hold(found.tables, expected, token) if found.tables is not None else ()),
        *alerts_hold(found, expected, token),
        *([episodes_hold(found)] if found.gathered else ()),
        *([enriched_hold(found, expected, token)] if found.enriched else ()),
        repeats_agree(found),
        money_balances(found, expected),
        nothing_leaks(artefacts, found, planted),
    ]
