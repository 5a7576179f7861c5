import hashlib
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import UsageError
from curate.plan.plan import Plan
from curate.reader import Cache
from curate.reader.cache import OpenCache
from curate.storage import lake as storage
from tests.reader.test_loader import content, loader
from tests.reader.world import make_plan, slots


def body(n: int, size: int = 100) -> memoryview:
    return memoryview(random.Random(n).randbytes(size))  # noqa: S311  test data


def name(n: int, size: int = 100) -> str:
    return hashlib.sha256(body(n, size)).hexdigest()


def on_disk(folder: Path) -> int:
    """What the files take that are there; one may be given up while it is measured."""
    total = 0
    for file in [*(folder / "tensors").iterdir(), *folder.glob("part")]:
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def opened(folder: Path, size: int, plan: str = "p") -> OpenCache:
    return OpenCache(Cache(str(folder), size), plan)


def kept(cache: OpenCache, count: int) -> set[int]:
    """Which of the first tensors are there."""
    return {n for n in range(count) if cache.take(name(n), memoryview(bytearray(100)), 0, 1_000_000 + n)}


def test_what_is_read_last_is_given_up_and_what_is_read_even_later_is_not_taken(tmp_path: Path) -> None:
    cache = opened(tmp_path, 350)
    for n, next_step in enumerate((50, 10, 30)):
        cache.put(name(n), body(n), 0, next_step)
    cache.put(name(3), body(3), 0, 60)
    assert on_disk(tmp_path) == 300
    cache.put(name(4), body(4), 0, 20)
    assert kept(cache, 5) == {1, 2, 4}
    cache.close()


def test_what_should_have_been_read_by_now_goes_first_and_so_does_what_is_not_read_again(tmp_path: Path) -> None:
    cache = opened(tmp_path, 350)
    for n, next_step in enumerate((5, 10, 30)):
        cache.put(name(n), body(n), 0, next_step)
    cache.put(name(3), body(3), 7, 40)
    assert cache.take(name(1), memoryview(bytearray(100)), 10, None)
    cache.put(name(4), body(4), 11, 900)
    assert kept(cache, 5) == {2, 3, 4}
    cache.close()


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 90), st.integers(0, 100)), max_size=60))
def test_the_budget_is_never_exceeded(puts: list[tuple[int, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        cache = opened(Path(folder), 400)
        for step, (n, size, ahead) in enumerate(puts):
            cache.put(name(n, size), body(n, size), step, step + ahead)
            assert on_disk(Path(folder)) <= 400
        cache.close()


def fill(folder: str, seed: int, budget: int) -> None:
    cache = opened(Path(folder), budget)
    draw = random.Random(seed)  # noqa: S311
    for step in range(10_000):
        n = draw.randrange(200)
        into = memoryview(bytearray(5_000))
        if cache.take(name(n, 5_000), into, step, step + draw.randrange(500)):
            assert hashlib.sha256(into).hexdigest() == name(n, 5_000)
        else:
            cache.put(name(n, 5_000), body(n, 5_000), step, step + draw.randrange(500))


@pytest.mark.integration
def test_processes_that_share_a_folder_and_are_killed_leave_nothing_in_the_way(tmp_path: Path) -> None:
    budget = 60 * 5_000 + 17
    spawn = multiprocessing.get_context("spawn")
    for round_ in range(3):
        workers = [spawn.Process(target=fill, args=(str(tmp_path), round_ * 10 + i, budget)) for i in range(3)]
        for worker in workers:
            worker.start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(tmp_path.glob("tensors/*")):
            time.sleep(0.05)
        for _ in range(60):
            assert on_disk(tmp_path) <= budget
            time.sleep(0.01)
        for worker in workers:
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
            worker.join()
        cache = opened(tmp_path, budget)
        files = {file.name for file in (tmp_path / "tensors").iterdir()}
        index = sqlite3.connect(tmp_path / "index.db")
        assert files == {row[0] for row in index.execute("select sha256 from kept")}
        ((total,),) = index.execute("select bytes from total")
        assert total == on_disk(tmp_path) <= budget
        index.close()
        cache.put(name(10_000), body(10_000), 0, 1)
        assert cache.take(name(10_000), memoryview(bytearray(100)), 1, 2)
        cache.close()


def test_another_plan_may_have_the_room_and_a_smaller_budget_is_kept_at_once(tmp_path: Path) -> None:
    first = opened(tmp_path, 1000)
    for n in range(8):
        first.put(name(n), body(n), 0, 10 + n)
    first.close()
    second = opened(tmp_path, 500, "another plan")
    assert on_disk(tmp_path) == 500
    second.put(name(20), body(20), 0, 99)
    assert second.take(name(20), memoryview(bytearray(100)), 99, 100)
    second.close()


def test_an_index_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    first = opened(tmp_path, 1000)
    first.put(name(1), body(1), 0, 10)
    first.close()
    (tmp_path / "index.db").write_bytes(b"not a database" * 100)
    second = opened(tmp_path, 1000)
    assert on_disk(tmp_path) == 0
    second.put(name(1), body(1), 0, 10)
    assert on_disk(tmp_path) == 100
    second.close()


def test_a_cache_changes_nothing_but_where_bytes_come_from(stored: tuple[storage.Lake, Plan], tmp_path: Path) -> None:
    expected = [content(batch) for batch in loader(stored)]
    largest = int(slots(stored[1])["bytes"].max())  # type: ignore[arg-type]
    for size in (largest, 3 * largest, 1 << 30):
        cache = Cache(str(tmp_path / str(size)), size)
        found = []
        for batch in loader(stored, cache=cache, threads=1):
            found.append(content(batch))
            assert on_disk(tmp_path / str(size)) <= size
        assert found == expected


def test_the_second_epoch_is_read_from_the_cache(own: storage.Lake, tmp_path: Path) -> None:
    made = make_plan(own, last="leave", samples_per_step=1)
    expected = [content(batch) for batch in loader(own)]
    first = slots(made).filter(epoch=0)["step"].max()
    reading = loader(own, cache=Cache(str(tmp_path / "cache"), 1 << 30), prefetch_bytes=2400, window_rows=4)
    found = []
    for batch in reading:
        found.append(content(batch))
        if batch.step == first:
            break
    for shard in (Path(own.uri) / "latents/shards").iterdir():
        shard.unlink()
    assert found + [content(batch) for batch in reading] == expected


def test_damage_in_the_cache_is_read_anew(own: storage.Lake, tmp_path: Path) -> None:
    make_plan(own, samples_per_step=1)
    expected = [content(batch) for batch in loader(own)]
    found: list[Any] = []
    for batch in loader(own, cache=Cache(str(tmp_path), 1 << 30)):
        found.append(content(batch))
        for file in (tmp_path / "tensors").iterdir():
            with suppress(FileNotFoundError):  # found damaged, and removed
                damaged = bytearray(file.read_bytes())
                damaged[0] ^= 1
                file.write_bytes(damaged)
    assert found == expected


def test_a_cache_below_one_sample_is_refused(stored: tuple[storage.Lake, Plan], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the cache's size_bytes 10 is less than one sample: clip\d+ has \d+ bytes"):
        loader(stored, cache=Cache(str(tmp_path), 10))


def test_a_reader_uses_no_shared_memory_and_one_that_is_killed_is_no_hindrance(
    stored: tuple[storage.Lake, Plan], tmp_path: Path
) -> None:
    program = (
        "from curate.reader import *\n"
        f"loader = Loader(Lake({stored[0].uri!r}), cache=Cache({str(tmp_path)!r}, 1 << 20))\n"
        "for batch in loader: print(batch.step, flush=True); input()\n"
    )
    reader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    with reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        assert "/dev/shm" not in Path(f"/proc/{reader.pid}/maps").read_text()  # noqa: S108
        reader.kill()
    again = [content(batch) for batch in loader(stored, cache=Cache(str(tmp_path), 1 << 20))]
    assert again == [content(batch) for batch in loader(stored)]
