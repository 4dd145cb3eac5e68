"""A proxy before LocalStack that lets requests meet the faults of an injector, and keeps some to repeat them late."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, NamedTuple, Self

import orjson

from bench.faults.injector import Fault, Injector, operation, unconditional

UPSTREAM_SECONDS = 120.0
_HELD_SECONDS = 120.0
SLOW_SECONDS = 1.0
_PER_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}
_THROTTLED = orjson.dumps(
    {
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": "The level of configured provisioned throughput for the table was exceeded (injected).",
    }
)
_UNAVAILABLE = (
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your rate (injected).</Message></Error>"
)


class Call(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class FaultProxy:
    """Listens on a free port of this machine while it is used with `with`; `port` is LocalStack's."""

    def __init__(self, port: int, rng: Random) -> None:
        self._upstream = port
        self._lock = Lock()
        self._go_on = Event()
        self._go_on.set()
        self._kept: list[Call] = []
        self._keep = 0
        self.injector = Injector(rng)
        self._server = _Server(self._answer)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._go_on.set()
        self._server.shutdown()
        self._server.server_close()

    def hold(self) -> None:
        """Let what is held back wait until `release`."""
        self._go_on.clear()

    def release(self) -> None:
        self._go_on.set()

    def keep_card_writes(self, number: int) -> None:
        """Keep the next `number` transactions of conditional puts."""
        with self._lock:
            self._kept.clear()
            self._keep = number

    def repeat_card_writes(self, *, conditional: bool) -> int:
        """Send what was kept once more, as a request does that was long on its way; how many."""
        with self._lock:
            calls, self._keep = list(self._kept), 0
        for each in calls:
            body = each.body if conditional else orjson.dumps(unconditional(orjson.loads(each.body)))
            self._pass_on(each._replace(body=body))
        return len(calls)

    def _answer(self, call: Call) -> Answer | None:
        """What comes back; None where the connection is to be cut."""
        name = operation(call.method, call.path, call.headers)
        with self._lock:
            fault = self.injector.decide(name)
            if name == "dynamodb:TransactWriteItems" and len(self._kept) < self._keep:
                self._kept.append(call)
        if fault is Fault.THROTTLED:
            return Answer(400, {"content-type": "application/x-amz-json-1.0"}, _THROTTLED)
        if fault is Fault.UNAVAILABLE:
            return Answer(503, {"content-type": "application/xml"}, _UNAVAILABLE)
        if fault is Fault.UNPROCESSED:
            return self._in_part(call)
        if fault in {Fault.HELD_BACK, Fault.UNANSWERED}:
            if fault is Fault.UNANSWERED:
                self._pass_on(call)
            self._go_on.wait(_HELD_SECONDS)
            return None
        if fault is Fault.SLOWED:
            time.sleep(SLOW_SECONDS)
        return self._pass_on(call)

    def _in_part(self, call: Call) -> Answer | None:
        with self._lock:
            written, left = self.injector.split(orjson.loads(call.body)["RequestItems"])
        answer = self._pass_on(call._replace(body=orjson.dumps({"RequestItems": written})))
        if answer is None or answer.status != http.client.OK:
            return answer
        body = orjson.loads(answer.body)
        for table, items in body.get("UnprocessedItems", {}).items():
            left.setdefault(table, []).extend(items)
        return answer._replace(
            headers={name: value for name, value in answer.headers.items() if name.lower() != "x-amz-crc32"},
            body=orjson.dumps(body | {"UnprocessedItems": left}),
        )

    def _pass_on(self, call: Call) -> Answer | None:
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream, timeout=UPSTREAM_SECONDS)
        headers = {name: value for name, value in call.headers.items() if name not in _PER_HOP}
        if call.body or call.method in {"PUT", "POST"}:
            headers["content-length"] = str(len(call.body))
        try:
            connection.request(call.method, call.path, call.body or None, headers)
            found = connection.getresponse()
            return Answer(found.status, dict(found.getheaders()), found.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    """On a free port of this machine; `answer` says what comes back, and None that the connection is to be cut."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Call], Answer | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed, or has given up, is what the fault runs are about."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Reads one request after the other and hands it to the server's `answer`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        with suppress(ConnectionError, TimeoutError):
            call = Call(self.command, self.path, headers, self._body(self.headers))
            found = self.server.answer(call)
            if found is None:
                self.close_connection = True
                return
            self._write(found)

    def _write(self, found: Answer) -> None:
        self.send_response_only(found.status)
        length = str(len(found.body))
        for name, value in found.headers.items():
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            if name.lower() not in _PER_HOP:
                self.send_header(name, value)
        if found.status != http.client.NO_CONTENT:
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)

    def _body(self, headers: Message) -> bytes:
        if "chunked" not in headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def log_message(self, *_: object) -> None:
        """Nothing: the injector counts."""

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815 - http.server's names
