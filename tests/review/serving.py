"""A real server of the queue with a real clip, for tests; `python -m tests.review.serving PORT FOLDER` runs one."""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from sqlalchemy import Engine

from curate.review import store
from curate.review.accounts import set_user, users
from curate.review.app import create_app, server
from curate.review.database import open_database
from curate.review.policy import Policy
from curate.review.wire import NewItem, NewUser
from tests.review.made import FOOTAGE, MadeClips, new_item

PASSWORD = "a long password"  # noqa: S105 - of accounts that are made here
PEOPLE = (
    NewUser(name="ann", role="annotator", password=PASSWORD),
    NewUser(name="ben", role="annotator", password=PASSWORD),
    NewUser(name="rita", role="reviewer", password=PASSWORD),
    NewUser(name="ada", role="admin", password=PASSWORD),
)


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs."""

    url: str
    engine: Engine


def footage(folder: Path) -> MadeClips:
    """The four seconds of `made.FOOTAGE`: a test picture with its frame numbers, a tone, thumbnails."""
    mp4, jpeg = folder / "clip.mp4", folder / "thumbs.jpg"
    seconds = (FOOTAGE.end_us - FOOTAGE.start_us) / 1e6
    size = f"{FOOTAGE.width}x{FOOTAGE.height}"
    _ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s={size}:r={FOOTAGE.rate_num}:d={seconds}",
        "-f", "lavfi", "-i", f"sine=440:d={seconds}",
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-pix_fmt", "yuv420p", "-c:a", "aac",
        "-movflags", "+faststart", str(mp4),
    )  # fmt: skip
    _ffmpeg("-i", str(mp4), "-vf", "fps=2,scale=160:90,tile=8x1", "-frames:v", "1", str(jpeg))
    return MadeClips(mp4, jpeg.read_bytes())


@contextmanager
def serving(
    folder: Path, items: Iterable[NewItem] = (), policy: Policy | None = None, url: str | None = None, port: int = 0
) -> Iterator[Serving]:
    """Serve on loopback, with `PEOPLE` and `items`; stopped afterwards."""
    engine = open_database(url or f"sqlite:///{folder / 'queue.db'}")
    for person in () if users(engine) else PEOPLE:  # who is changed is logged out
        set_user(engine, person)
    rules = policy or Policy(second_look=0.0, second_look_accepted=0.0)
    store.add(engine, items)
    made = server(create_app(engine, rules, footage(folder)), "127.0.0.1", port)
    thread = Thread(target=made.run, daemon=True)
    thread.start()
    last = time.monotonic() + 20
    while not made.started:
        if not thread.is_alive() or time.monotonic() > last:
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
    try:
        yield Serving(f"http://127.0.0.1:{made.servers[0].sockets[0].getsockname()[1]}", engine)
    finally:
        made.should_exit = True
        thread.join(20)
        engine.dispose()


def some_items() -> list[NewItem]:
    """Of each mode a few, the most urgent first: triage, triage for two, scratch, blind."""
    return [
        *(new_item(f"triage-{number}", severity=3 - number / 10) for number in range(5)),
        *(new_item(f"both-{number}", severity=2 - number / 10, overlap=2) for number in range(3)),
        *(new_item(f"scratch-{number}", "scratch", severity=1 - number / 10) for number in range(3)),
        *(new_item(f"blind-{number}", "blind", severity=0.5 - number / 10) for number in range(3)),
    ]


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True)


def main() -> None:
    """Serve until interrupted, at the port given (8123), from the folder given (a new one)."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8123
    with TemporaryDirectory() as fresh:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(fresh)
        with serving(folder, some_items(), port=port) as running:
            sys.stdout.write(f"{running.url}  ann, ben, rita (reviewer), ada (admin); password: {PASSWORD}\n")
            sys.stdout.flush()
            while True:
                time.sleep(1)


if __name__ == "__main__":
    main()
