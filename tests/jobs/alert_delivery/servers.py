"""Receivers on free ports: a web server whose answers a test chooses, and a mail server that keeps what it gets."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Desk:
    """Answers with the next of `answers` (status and headers), then with 200. `port` is where it listens."""

    port: int = 0
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes, int]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alerts"

    def keys(self, status: int = 200) -> list[str]:
        """Idempotency keys of the requests that were answered so, in their order."""
        return [headers["idempotency-key"] for headers, _, answered in list(self.requests) if answered == status]


@contextmanager
def desk(port: int = 0) -> Iterator[Desk]:
    state = Desk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = state.answers.pop(0) if state.answers else (200, {})
            state.requests.append(({name.lower(): each for name, each in self.headers.items()}, body, status))
            self.send_response(status)
            said = b"no: 4111" if status != 200 else b""
            for name, each in {**headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, each)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    state.port = server.server_port
    with _serving(server):
        yield state


@contextmanager
def mail_server(final: str = "250 taken") -> Iterator[tuple[int, list[str]]]:
    """Its port and its mails; it answers `final` to each."""
    mails: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline().decode():
                word = line.split()[0].upper()
                if word == "DATA":
                    self._say("354 go on")
                    mails.append("".join(iter(lambda: self.rfile.readline().decode().replace("\r\n", "\n"), ".\n")))
                    self._say(final)
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 fine")

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _serving(server):
        yield server.server_address[1], mails


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
