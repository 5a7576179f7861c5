"""A web server that does what it is told, byte for byte: for all that a well-behaved one would never do."""

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00" + (
    b"\x01\x00\x01\x00\x00\x02\x01D\x00;"
)
"""One white pixel: the smallest media there is."""


@dataclass(frozen=True)
class Asked:
    """One request as it came, and the way back."""

    path: str
    headers: Mapping[str, str]
    at: float
    send: Callable[[bytes], None] = field(repr=False)
    name: str | None = None  # what TLS was told (SNI)
    port: int = 0  # of the other side: the same for all that comes over one connection

    def answer(self, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        """A whole response; `content_length` and others are laid over what is true."""
        head = {"content_length": str(len(body)), **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in head.items() if value]
        self.send("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + body)


Play = Callable[[Asked], None]
"""Answers one request; what is left open when it returns is closed."""


@dataclass
class Stage:
    """Where a play runs: its address, what was asked so far, and how many asked at once."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    @contextmanager
    def noted(self, asked: Asked) -> Iterator[None]:
        with self._lock:
            self.asked.append(asked)
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1


class _Handler(socketserver.StreamRequestHandler):
    play: Play
    stage: Stage
    tls: ssl.SSLContext | None = None

    def handle(self) -> None:
        names: list[str] = []
        stream: socket.socket = self.request
        with suppress(OSError), ExitStack() as stack:
            if self.tls is not None:
                self.tls.sni_callback = lambda _socket, name, _context: names.append(name)
                stream = stack.enter_context(self.tls.wrap_socket(stream, server_side=True))
            reader = stack.enter_context(stream.makefile("rb"))
            while line := reader.readline():
                headers = dict(iter(lambda: _header(reader.readline()), None))
                path = line.split()[1].decode()
                asked = Asked(
                    path, headers, time.monotonic(), stream.sendall, (names or [None])[0], self.client_address[1]
                )
                with self.stage.noted(asked):
                    type(self).play(asked)


def _header(line: bytes) -> tuple[str, str] | None:
    name, colon, value = line.decode("latin-1").partition(":")
    return (name.lower(), value.strip()) if colon else None


@contextmanager
def playing(play: Play, address: str = "127.0.0.1", port: int = 0, certificate: Path | None = None) -> Iterator[Stage]:
    """A server on a loopback address, each connection a thread; with a certificate it speaks TLS."""
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    stage = Stage()
    handler = type("Handler", (_Handler,), {"play": staticmethod(play), "stage": stage, "tls": tls})
    with _Server((address, port), handler) as server:
        stage.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield stage
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64


def endlessly(asked: Asked, piece: bytes, apart_s: float = 0.01, longest_s: float = 10.0) -> None:
    """The same again and again, until the other side has enough."""
    until = time.monotonic() + longest_s
    with suppress(OSError):
        while time.monotonic() < until:
            asked.send(piece)
            time.sleep(apart_s)
    raise ConnectionError


def hang_up(asked: Asked) -> None:
    """Close the connection, whatever was sent."""
    raise ConnectionError
