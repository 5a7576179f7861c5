"""A server of chat completions that does what a test says: it counts what is in flight and keeps what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Said:
    """An answer: `break_off` closes the connection instead."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    break_off: bool = False


Script = Callable[[dict[str, Any]], Said]
"""The answer to the body of a request; it may wait."""


class Scripted:
    """One replica."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.in_flight = self.most_in_flight = 0
        self.lock = threading.Lock()
        replica = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with replica.counted(body, {name.lower(): value for name, value in self.headers.items()}):
                    said = replica.script(body) if self.path == "/v1/chat/completions" else Said(404, "no such path")
                if said.break_off:
                    self.close_connection = True
                    return
                content = said.body.encode()
                self.send_response(said.status)
                for name, value in {"content-length": str(len(content)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # whoever asked went away

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    @contextmanager
    def counted(self, body: dict[str, Any], headers: dict[str, str]) -> Iterator[None]:
        with self.lock:
            self.asked.append(body)
            self.headers.append(headers)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            yield
        finally:
            with self.lock:
                self.in_flight -= 1


@contextmanager
def serving(*scripts: Script) -> Iterator[list[Scripted]]:
    replicas = [Scripted(script) for script in scripts]
    for replica in replicas:
        threading.Thread(target=replica.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield replicas
    finally:
        for replica in replicas:
            replica.server.shutdown()
            replica.server.server_close()


def completed(text: str | None, finish: str = "stop", tokens: tuple[int, int] = (7, 3)) -> Said:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    return Said(200, json.dumps({"id": "x", "choices": [choice], "usage": usage}))


def words(body: dict[str, Any]) -> str:
    """The last text of what is asked."""
    texts = [piece["text"] for piece in body["messages"][-1]["content"] if piece["type"] == "text"]
    return str(texts[-1])


def echo(body: dict[str, Any]) -> Said:
    return completed(f"to {words(body)}")
