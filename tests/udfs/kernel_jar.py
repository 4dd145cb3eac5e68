"""The kernel's classes in the JVM that PyFlink starts."""

from __future__ import annotations

from functools import cache
from typing import Any

from pyflink.java_gateway import get_gateway
from pyflink.util.java_utils import add_jars_to_context_class_loader

from sluice.settings import PROJECT_ROOT

JAR = PROJECT_ROOT / "build" / "jars" / "kernel" / "sluice-kernel.jar"


@cache
def kernel() -> Any:
    """The Java package `sluice.kernel`."""
    assert JAR.exists(), f"{JAR} is missing; make setup builds it"
    add_jars_to_context_class_loader([JAR.as_uri()])
    return get_gateway().jvm.sluice.kernel
