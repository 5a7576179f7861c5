"""Real servers on the loopback: a web server that also misbehaves, and the two calls of S3 that fetching needs."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from urllib.parse import parse_qs, unquote, urlsplit


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: Mapping[str, bytes] = {}

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | dict(headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Web(_Handler):
    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/status/"):
            self.answer(int(path.rpartition("/")[2]), b"no")
        elif path.startswith("/redirect/"):
            left = int(path.rpartition("/")[2])
            self.answer(302, b"", {"Location": f"/redirect/{left - 1}" if left else "/a.mp4"})
        elif path == "/to-ftp":
            self.answer(302, b"", {"Location": "ftp://127.0.0.1/a.mp4"})
        elif path == "/cut-off":
            self.answer(200, b"half", {"Content-Length": "8"})
            self.close_connection = True
        elif path == "/endless":
            self._endless()
        elif path == "/silent":
            threading.Event().wait(3.0)
            self.close_connection = True
        elif path in self.files:
            self.answer(200, self.files[path])
        else:
            self.answer(404, b"no")

    def _endless(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        except OSError:
            self.close_connection = True


class _S3(_Handler):
    """Path style. Keys and listings below `secret/` are refused, and an unsigned request too."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        asked = key or query.get("prefix", [""])[0]
        if "Authorization" not in self.headers or asked.startswith("secret/"):
            self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        elif "list-type" in query:
            self.answer(200, self._listing(query.get("prefix", [""])[0]), {"Content-Type": "application/xml"})
        elif key in self.files:
            self.answer(200, self.files[key], {"Last-Modified": "Wed, 01 Jan 2025 00:00:00 GMT", "ETag": '"0"'})
        else:
            self.answer(404, f"<Error><Code>NoSuchKey</Code><BucketName>{bucket}</BucketName></Error>".encode())

    def _listing(self, prefix: str) -> bytes:
        objects = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2025-01-01T00:00:00.000Z</LastModified>"
            f'<ETag>"0"</ETag><Size>{len(body)}</Size></Contents>'
            for key, body in sorted(self.files.items())
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>".encode()


@contextmanager
def _serving(handler: type[_Handler], files: Mapping[str, bytes]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (handler,), {"files": files}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def web(files: Mapping[str, bytes]) -> Iterator[str]:
    """A web server with these files, and /status/N, /redirect/N, /to-ftp, /cut-off, /endless and /silent."""
    with _serving(_Web, files) as address:
        yield address


@contextmanager
def s3(files: Mapping[str, bytes]) -> Iterator[dict[str, str]]:
    """A bucket with these keys; gives the storage options to reach it."""
    with _serving(_S3, files) as address:
        yield {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
            "AWS_S3_ALLOW_UNSAFE_RENAME": "true",  # of Delta tables only
        }
