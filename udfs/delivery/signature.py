"""Signs what goes to a webhook, and verifies it: a receiver in Python may take this file as it is."""

from __future__ import annotations

import hmac

HEADER = "Sluice-Signature"
TOLERANCE_S = 300


def sign(body: bytes, secret: bytes, at_s: int) -> str:
    """The value of HEADER for `body`, sent at `at_s` seconds since 1970: `t=1767604800,v1=` and HMAC-SHA-256 in hex."""
    return f"t={at_s},v1={_digest(body, secret, at_s)}"


def verify(header: str, body: bytes, secret: bytes, now_s: int, tolerance_s: int = TOLERANCE_S) -> bool:
    """Whether the holder of `secret` has sent `body`, no longer than `tolerance_s` ago by the receiver's clock.

    The time is signed too, so an old message can't be sent again by a third party.
    """
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    stamp = parts.get("t", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now_s - int(stamp)) > tolerance_s:
        return False
    return hmac.compare_digest(_digest(body, secret, int(stamp)).encode(), parts.get("v1", "").encode())


def _digest(body: bytes, secret: bytes, at_s: int) -> str:
    return hmac.digest(secret, b"%d." % at_s + body, "sha256").hex()
