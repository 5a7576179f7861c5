"""A server of the queue in a process of its own, which a test can kill.

`python -m tests.review.pages.server FOLDER PORT` runs one.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import Engine

from curate.review import store
from curate.review.accounts import set_user
from curate.review.app import create_app, server
from curate.review.database import open_database
from curate.review.policy import Policy
from curate.review.wire import NewItem
from tests.review.pages.clips import FolderClips
from tests.review.serving import PEOPLE

PATIENCE_S = 90


@dataclass(slots=True)
class Served:
    """A queue in a folder, and its server."""

    folder: Path
    port: int
    engine: Engine
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        command = [sys.executable, "-m", "tests.review.pages.server", str(self.folder), str(self.port)]
        self.process = subprocess.Popen(command)
        last = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < last, "the server did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        """As a machine that loses its power."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE_S)
            self.process = None

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310 - of loopback
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@contextmanager
def served(folder: Path, items: Iterable[NewItem]) -> Iterator[Served]:
    """Serve these items, and the clip in `folder`."""
    engine = open_database(f"sqlite:///{folder / 'queue.db'}")
    for person in PEOPLE:
        set_user(engine, person)
    store.add(engine, items)
    one = Served(folder, _free_port(), engine)
    try:
        one.start()
        yield one
    finally:
        one.kill()
        engine.dispose()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Serve until killed."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    rules = Policy(second_look=0.0, second_look_accepted=0.0)
    app = create_app(open_database(f"sqlite:///{folder / 'queue.db'}"), rules, FolderClips(folder))
    server(app, "127.0.0.1", port).run()


if __name__ == "__main__":
    main()
