"""Horizontal bars as SVG, which loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, LABEL, BAR, ROW, TOP, GAP = 860, 270, 400, 34, 54, 30
STRONG, PALE = "#1f77b4", "#b8c4ce"


class Bar(NamedTuple):
    """`words` stand behind the bar."""

    label: str
    value: float
    words: str
    is_strong: bool = False


class Group(NamedTuple):
    """`title` may be empty, where there is one group only."""

    title: str
    bars: Sequence[Bar]


def svg(title: str, groups: Iterable[Group]) -> str:
    """All bars on one scale."""
    shown = list(groups)
    longest = max((bar.value for group in shown for bar in group.bars), default=1.0)
    body, top = [], TOP
    for group in shown:
        if group.title:
            body.append(f'<text x="12" y="{top + 14}" font-weight="bold">{escape(group.title)}</text>')
            top += GAP
        for bar in group.bars:
            body += _bar(bar, top, longest)
            top += ROW
    size = f'width="{WIDTH}" height="{top + 12}"'
    style = 'font-family="sans-serif" font-size="13" fill="#222"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {top + 12}" {style}>',
        f'<rect {size} fill="#fff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="bold">{escape(title)}</text>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bar(bar: Bar, top: int, longest: float) -> Sequence[str]:
    length = round(BAR * bar.value / longest)
    return (
        f'<text x="12" y="{top + 16}">{escape(bar.label)}</text>',
        f'<rect x="{LABEL}" y="{top}" width="{length}" height="22" fill="{STRONG if bar.is_strong else PALE}"/>',
        f'<text x="{LABEL + length + 8}" y="{top + 16}" xml:space="preserve">{escape(bar.words)}</text>',
    )
