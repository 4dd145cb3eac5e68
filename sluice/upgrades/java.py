"""Flink's own classes, in the JVM that PyFlink keeps beside Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from pyflink.java_gateway import get_gateway
from pyflink.util.java_utils import add_jars_to_context_class_loader

from localstack.errors import ServerError
from localstack.flink_home import JARS
from sluice.upgrades.operators import Fit, Schema

ROW = "RowDataSerializer"
EXTERNAL = "ExternalSerializer"
MAP = "MapSerializer"
LIST = "ListSerializer"


def jars() -> list[str]:
    """What a job needs beside Flink itself, as URIs. Raises ServerError when it has not been built."""
    found = [*JARS.glob("flink/*.jar"), *JARS.glob("kernel/*.jar")]
    if not found:
        raise ServerError(f"{JARS} holds no jars; run make setup")
    return [each.as_uri() for each in sorted(found)]


@cache
def jvm() -> Any:
    """The JVM with the jars of the suite."""
    add_jars_to_context_class_loader(jars())
    return get_gateway().jvm


def class_loader() -> Any:
    return jvm().java.lang.Thread.currentThread().getContextClassLoader()


def each(iterable: Any) -> Iterator[Any]:
    """The elements of something that Java can iterate over, which Python can't always."""
    iterator = iterable.iterator()
    while iterator.hasNext():
        yield iterator.next()


@contextmanager
def closing(stream: Any) -> Iterator[Any]:
    """A Java stream that is closed at the end."""
    try:
        yield stream
    finally:
        stream.close()


def field(thing: Any, name: str) -> Any:
    """A private field, for what Flink keeps to itself."""
    of = thing.getClass()
    while of is not None:
        for declared in of.getDeclaredFields():
            if declared.getName() == name:
                declared.setAccessible(True)
                return declared.get(thing)
        of = of.getSuperclass()
    raise ServerError(f"Flink's {thing.getClass().getName()} has no field {name!r}; sluice/upgrades is for Flink 2.3")


def simple_name(thing: Any) -> str:
    name: str = thing.getClass().getSimpleName()
    return name


def words(serializer: Any) -> str:
    """What `serializer` writes, as SQL would say it where Flink knows that, else its class."""
    name = simple_name(serializer)
    if name == ROW:
        return f"ROW<{', '.join(map(str, field(serializer, 'types')))}>"
    if name == EXTERNAL:
        return str(serializer.getDataType())
    if name == MAP:
        return f"{words(serializer.getKeySerializer())} to {words(serializer.getValueSerializer())}"
    if name == LIST:
        return words(serializer.getElementSerializer())
    return name


def saved_schema(snapshot: Any) -> Schema:
    return Schema(words(snapshot.restoreSerializer()), snapshot)


def planned_schema(serializer: Any) -> Schema:
    return Schema(words(serializer), serializer.snapshotConfiguration())


def fit(saved: Schema, planned: Schema) -> Fit:
    """What Flink would say at the start."""
    found = planned.value.resolveSchemaCompatibility(saved.value)
    if found.isIncompatible():
        return Fit.REFUSED
    return Fit.REWRITTEN if found.isCompatibleAfterMigration() else Fit.AS_IS
