"""The kernel's functions in SQL, and where they find what Python has packed."""

from __future__ import annotations

from collections.abc import Sequence

from pyflink.table import TableEnvironment

JAVA_CLASSES = {
    "as_of": "AsOf",
    "counted": "Counted",
    "first_seen": "FirstSeen",
    "history": "History",
    "in_order": "InOrder",
    "number_at": "NumberAt",
    "numbered": "Numbered",
    "packed": "Packed",
    "part": "Part",
    "previous": "Previous",
    "repeated": "Repeated",
}


def create(table_env: TableEnvironment) -> None:
    """Make them known to `table_env`, whose classpath has the kernel's jar."""
    for name, java_class in JAVA_CLASSES.items():
        table_env.execute_sql(f"create temporary function {name} as 'sluice.kernel.{java_class}' language java")


def positions(names: Sequence[str]) -> dict[str, str]:
    """For the placeholders of SQL files: at which position `part` finds each part of a record."""
    return {name: str(number) for number, name in enumerate(names)}
