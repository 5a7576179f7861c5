"""A server that is killed loses nothing that it had answered for."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest

from curate.review import audit
from curate.review.database import open_database
from tests.review.made import added, work_done
from tests.review.serving import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


def _start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A server in a process of its own, and where it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.review.serving", "0", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the server did not start"
    return process, line.split()[0]


def _kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    if process.stdout is not None:
        process.stdout.close()


@pytest.mark.integration
def test_what_was_saved_is_there_after_a_kill(tmp_path: Path) -> None:
    process, url = _start(tmp_path)
    answered: list[int] = []
    with httpx2.Client(base_url=url, timeout=30) as client:
        client.post("/api/login", json={"name": "ann", "password": PASSWORD})
        headers = {"X-CSRF": client.get("/api/me").json()["csrf"]}
        work = client.post("/api/next", json={}, headers=headers).json()
        path, token = f"/api/items/{work['item']['item_id']}/draft", work["lease"]["token"]

        def type_on() -> None:
            try:
                for seq in range(1, 10_000):
                    draft = work_done(added(f"after {seq} words")).model_dump(mode="json")
                    answer = client.put(path, json={"token": token, "seq": seq, "draft": draft}, headers=headers)
                    if answer.status_code == 200:
                        answered.append(answer.json()["seq"])
                    elif answer.status_code == 429:
                        time.sleep(0.1)
            except httpx2.TransportError:
                pass  # the server is gone

        typing = threading.Thread(target=type_on)
        typing.start()
        while len(answered) < 20:
            time.sleep(0.05)
        _kill(process)
        typing.join(60)
        cookies = client.cookies

    process, url = _start(tmp_path)
    try:
        with httpx2.Client(base_url=url, timeout=30, cookies=cookies) as client:
            again = client.post("/api/next", json={}, headers=headers).json()
    finally:
        _kill(process)
    assert again["item"]["item_id"] == work["item"]["item_id"]
    assert again["seq"] >= answered[-1]
    assert again["draft"]["claims"][0]["text"] == f"after {again['seq']} words"
    engine = open_database(f"sqlite:///{tmp_path / 'queue.db'}")
    assert audit.broken(engine) is None
    engine.dispose()
