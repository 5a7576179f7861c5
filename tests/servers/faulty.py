"""A proxy before an HTTP server that answers some requests badly: late, not at all, in part, or with an error."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["503", "missing", "expired", "revoked", "cut", "flip", "hang", "slow", "lost"]
"""`lost`: what was asked is done, but its answer never comes."""

REFUSALS: Mapping[Fault, tuple[int, str]] = {
    "503": (503, "SlowDown"),
    "missing": (404, "NoSuchKey"),
    "expired": (403, "ExpiredToken"),
    "revoked": (403, "InvalidAccessKeyId"),
}
SLOW_S = 0.1


@dataclass
class Proxy:
    """`faults` says of the path of a GET and its range what is wrong with its answer; None: nothing."""

    upstream: str  # host:port
    delay_s: float = 0.0  # before every answer
    faults: Callable[[str, str], Fault | None] = field(default=lambda _path, _range: None)
    trouble: Callable[[str, str], Fault | None] = field(default=lambda _method, _path: None)  # of any request
    address: str = "127.0.0.1"
    port: int = 0
    gets: list[tuple[str, str]] = field(default_factory=list)  # path and range of each
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def endpoint(self) -> str:
        return f"http://{self.address}:{self.port}"


@contextmanager
def proxied(endpoint: str, delay_s: float = 0.0, address: str = "127.0.0.1") -> Iterator[Proxy]:
    """A proxy in front of an endpoint, on a port of its own; `address` is that of an interface of this machine."""
    proxy = Proxy(endpoint.removeprefix("http://"), delay_s, address=address)

    class Handler(_Handler):
        behind = proxy

    server = ThreadingHTTPServer((address, 0), Handler)
    server.daemon_threads = True
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


def storms(seed: int, struck: list[Fault]) -> Callable[[str, str], Fault | None]:
    """One request in fifty is answered badly, and `struck` tells how."""
    dice = random.Random(seed)  # noqa: S311  no secret
    faults: list[Fault] = ["503", "cut", "lost", "slow"]
    lock = threading.Lock()

    def trouble(method: str, path: str) -> Fault | None:
        with lock:
            if dice.random() >= 1 / 50:
                return None
            struck.append(faults[dice.randrange(4)])
            return struck[-1]

    return trouble


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behind: Proxy

    def log_message(self, *_: object) -> None: ...

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = self.headers.get("Range") or ""
        fault = self.behind.trouble(self.command, self.path)
        if self.command == "GET":
            self.behind.gets.append((self.path, asked))
            fault = fault or self.behind.faults(self.path, asked)
        time.sleep(self.behind.delay_s + (SLOW_S if fault == "slow" else 0.0))
        if fault == "hang":
            self.behind.let_go.wait(60)
            self.close_connection = True
        elif fault in REFUSALS:
            self._refuse(*REFUSALS[fault])
        else:
            self._answer(body, fault)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _forward

    def _refuse(self, status: int, code: str) -> None:
        said = b"" if self.command == "HEAD" else f"<Error><Code>{code}</Code></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def _answer(self, body: bytes, fault: Fault | None) -> None:
        upstream = HTTPConnection(self.behind.upstream, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "keep-alive"):
                upstream.putheader(name, value)  # the host too: it is part of what was signed
        try:
            upstream.endheaders(body or None)
            answer = upstream.getresponse()
            self._copy(answer, bytearray(answer.read()), fault)
        except ConnectionError:  # whoever asked has gone
            self.close_connection = True
        finally:
            upstream.close()

    def _copy(self, answer: HTTPResponse, data: bytearray, fault: Fault | None) -> None:
        if fault == "lost":
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(data))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        if fault == "flip":
            data[len(data) // 2] ^= 4
        if fault == "cut":
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
        elif self.command != "HEAD":
            self.wfile.write(data)
