"""The processes below a driver, and how one of them is killed."""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

MARKS = {"raylet": "/raylet", "gcs": "/gcs_server", "worker": "ray::", "child": "curate.media.child", "any": ""}
"""By what a kind of process is known in its command line; `any` is any of them, and `driver` the one above."""


def processes_below(pid: int) -> Iterator[tuple[int, str]]:
    """Process ids and command lines of all descendants."""
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        try:
            children = [
                int(child)
                for task in Path(f"/proc/{parent}/task").iterdir()
                for child in (task / "children").read_text().split()
            ]
        except OSError:
            continue
        for child in children:
            waiting.append(child)
            try:
                yield child, Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue


def kill(driver: int, victim: str, dice: random.Random) -> str | None:
    """Kill one process of a kind; the beginning of its command line, None where there is no such process."""
    found = [(driver, victim)]
    if victim != "driver":
        found = [one for one in processes_below(driver) if MARKS[victim] in one[1] and "IDLE" not in one[1]]
    if not found:
        return None
    pid, line = dice.choice(found)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return line.strip()[:60]
