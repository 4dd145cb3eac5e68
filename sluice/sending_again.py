"""What a command shows that sends messages in again: what stays behind and why, then how the sending goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

Message = TypeVar("Message")


def sent_again(
    console: Console,
    again: Sequence[Message],
    left: Counter[str],
    send: Callable[[Sequence[Message], Callable[[], None]], object],
    *,
    dry_run: bool,
) -> bool:
    """Hand `again` to `send`, which calls its second argument for each that is sent; whether there was anything to.

    `left` is how many stay where they are, by why. With `dry_run` nothing is sent.
    """
    for words, count in left.most_common():
        console.print(f"{count:>8,}  {words}", highlight=False)
    if dry_run or not again:
        console.print(f"{len(again):>8,}  can be sent again", highlight=False)
        return False
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("sending", total=len(again))
        send(again, lambda: progress.advance(task))
    console.print(f"{len(again):>8,}  sent again", highlight=False)
    return True
