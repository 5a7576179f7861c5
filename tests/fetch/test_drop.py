"""A body lies in one file, which is gone when nobody wants it."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from curate.errors import NotMedia, TooLarge, UsageError
from curate.fetch.drop import Drop, sweep


def test_what_is_kept_stays_and_the_rest_goes(tmp_path: Path) -> None:
    kept, left = Drop(10, str(tmp_path)), Drop(10, str(tmp_path))
    kept.write(b"abc")
    kept.write(b"def")
    left.write(b"abc")
    path = kept.keep()
    kept.close()
    left.close()
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"abcdef"
    assert (kept.size_bytes, kept.media_id) == (6, hashlib.sha256(b"abcdef").hexdigest())


def test_a_body_may_begin_anew(tmp_path: Path) -> None:
    drop = Drop(10, str(tmp_path))
    drop.write(b"12345678")
    drop.empty()
    drop.write(b"abc")
    assert drop.keep().read_bytes() == b"abc"
    assert drop.media_id == hashlib.sha256(b"abc").hexdigest()


def test_a_body_over_the_cap_is_refused_before_it_is_written(tmp_path: Path) -> None:
    drop = Drop(4, str(tmp_path))
    drop.write(b"1234")
    with pytest.raises(TooLarge, match="5 bytes or more, over the cap of 4"):
        drop.write(b"5")
    assert drop.path.stat().st_size == 4
    drop.close()


def test_nothing_is_no_media(tmp_path: Path) -> None:
    drop = Drop(4, str(tmp_path))
    with pytest.raises(NotMedia, match="an empty file"):
        drop.body()
    drop.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_stops_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "mkstemp", lambda **_: (os.open("/dev/full", os.O_WRONLY), "/nowhere/at-all"))
    drop = Drop(1 << 20, None)
    with pytest.raises(UsageError, match=r"no room is left in .*fetch\.scratch"):
        drop.write(b"x")
    drop.close()


def test_what_killed_workers_left_is_swept(tmp_path: Path) -> None:
    made = "import sys; from curate.fetch.drop import Drop; print(Drop(9, sys.argv[1]).path.name)"
    done = subprocess.run([sys.executable, "-c", made, tmp_path], capture_output=True, text=True, check=True)
    dead = tmp_path / done.stdout.strip()
    mine = Drop(9, str(tmp_path))
    parts = mine.path.name.split("-")
    again = tmp_path / "-".join([*parts[:4], "1", parts[5]])  # my number, but another start: of a container before
    elsewhere = tmp_path / "-".join([*parts[:2], "1", *parts[3:]])
    old = tmp_path / "-".join([*parts[:2], "2", *parts[3:]])
    other = tmp_path / "retold-fetch-notes.txt"
    for path in (again, elsewhere, old, other):
        path.touch()
    os.utime(old, (0, time.time() - 3 * 86400))
    assert dead.exists()
    sweep(str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {mine.path.name, elsewhere.name, other.name}
    mine.close()
