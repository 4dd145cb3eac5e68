"""The proxy before a server that keeps what it was sent."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Thread
from typing import Any

import boto3
import orjson
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bench.faults.injector import Fault, Rule
from bench.faults.proxy import SLOW_SECONDS, FaultProxy

BATCH = frozenset({"dynamodb:BatchWriteItem"})
SEEN: list[tuple[str, str, bytes]] = []


class _Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        SEEN.append((self.command, self.path, body))
        answer = b"{}"
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_PUT = do_POST = do_HEAD = _serve  # noqa: N815 - http.server's names


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    SEEN.clear()
    with _upstream() as port, FaultProxy(port, Random(1)) as running:
        yield running


@contextmanager
def _upstream() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def _client(proxy: FaultProxy, service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=f"http://127.0.0.1:{proxy.port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def _puts(count: int) -> dict[str, list[dict[str, dict[str, dict[str, dict[str, str]]]]]]:
    return {"t": [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(count)]}


def test_requests_pass_unchanged(proxy: FaultProxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port)
    for _ in range(2):  # on one connection
        connection.request(
            "PUT", "/b/k?x=1", iter([b"abc", b"def"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True
        )
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"{}")
    connection.request("HEAD", "/b/k")
    head = connection.getresponse()
    assert (head.headers["Content-Length"], head.read()) == ("2", b"")
    connection.close()
    assert SEEN == [("PUT", "/b/k?x=1", b"abcdef")] * 2 + [("HEAD", "/b/k", b"")]


def test_dynamodb_s_client_understands_that_it_is_throttled(proxy: FaultProxy) -> None:
    proxy.injector.follow(Rule(Fault.THROTTLED, BATCH))
    with pytest.raises(ClientError) as refused:
        _client(proxy, "dynamodb").batch_write_item(RequestItems=_puts(1))
    assert refused.value.response["Error"]["Code"] == "ProvisionedThroughputExceededException"
    assert not SEEN


def test_unprocessed_items_are_handed_back_and_the_others_written(proxy: FaultProxy) -> None:
    proxy.injector.follow(Rule(Fault.UNPROCESSED, BATCH))
    left = _client(proxy, "dynamodb").batch_write_item(RequestItems=_puts(10))["UnprocessedItems"]["t"]
    written = orjson.loads(SEEN[0][2])["RequestItems"]["t"]
    assert 0 < len(left) < 10
    assert sorted(each["PutRequest"]["Item"]["id"]["S"] for each in written + left) == [str(n) for n in range(10)]


def test_s3_s_client_understands_that_it_is_away(proxy: FaultProxy) -> None:
    proxy.injector.follow(Rule(Fault.UNAVAILABLE, frozenset({"s3:PutObject"})))
    with pytest.raises(ClientError, match="SlowDown"):
        _client(proxy, "s3").put_object(Bucket="b", Key="k", Body=b"x")


@pytest.mark.parametrize(("fault", "arrived"), [(Fault.HELD_BACK, 0), (Fault.UNANSWERED, 1)])
def test_a_cut_connection_shows_whether_the_request_arrived(proxy: FaultProxy, fault: Fault, arrived: int) -> None:
    proxy.injector.follow(Rule(fault, frozenset({"s3:GetObject"})))
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    connection.request("GET", "/b/k")
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    assert len(SEEN) == arrived


def test_a_slow_store_answers_as_usual_but_later(proxy: FaultProxy) -> None:
    proxy.injector.follow(Rule(Fault.SLOWED, BATCH))
    began = time.monotonic()
    assert _client(proxy, "dynamodb").batch_write_item(RequestItems=_puts(1)) is not None
    assert time.monotonic() - began >= SLOW_SECONDS
    assert len(SEEN) == 1


def test_card_writes_come_again_with_or_without_their_condition(proxy: FaultProxy) -> None:
    proxy.keep_card_writes(1)
    put = {
        "TableName": "t",
        "Item": {"id": {"S": "1"}},
        "ConditionExpression": "version < :v",
        "ExpressionAttributeValues": {":v": {"S": "2"}},
    }
    _client(proxy, "dynamodb").transact_write_items(TransactItems=[{"Put": put}])
    assert proxy.repeat_card_writes(conditional=True) == 1
    assert proxy.repeat_card_writes(conditional=False) == 1
    first, again, bare = (body for _, _, body in SEEN)
    assert first == again
    assert b"ConditionExpression" not in bare
