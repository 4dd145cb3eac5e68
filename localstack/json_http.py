"""JSON over HTTP from servers on this machine."""

from __future__ import annotations

import http.client
import json
from typing import Any

ANSWER_SECONDS = 10.0
FIRST_ERROR_STATUS = 400


class HttpError(Exception):
    """Nothing answers, or the answer is an error; `status` is None when nothing answers."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def get_json(port: int, path: str) -> Any:
    return request_json("GET", port, path)


def request_json(method: str, port: int, path: str, body: Any = None) -> Any:
    """The decoded body of the answer, None when it is empty. Raises HttpError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        if body is None:
            connection.request(method, path)
        else:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        found = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise HttpError(f"no answer from port {port}: {error}") from error
    finally:
        connection.close()
    if answer.status >= FIRST_ERROR_STATUS:
        raise HttpError(found.decode(errors="replace"), answer.status)
    return json.loads(found) if found else None
