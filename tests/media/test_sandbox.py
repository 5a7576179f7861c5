"""A child process bounds what a row can do."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from curate.errors import RecipeError
from curate.media.confine import Confinement
from curate.media.limits import Limits
from curate.media.process import Abandoned
from curate.media.sandbox import BrokenStage, Isolated, isolated
from curate.stage import Outcome
from tests.media.misbehaviour import Done, Misbehave, Order, Smuggle, Stillborn

MIB = 1 << 20
LIMITS = Limits(memory_bytes=400 * MIB, deadline_s=1.0, output_bytes=8 * MIB, start_s=30)


@pytest.fixture
def run() -> Iterator[Isolated[Order, Done]]:
    stage = isolated(Misbehave(), LIMITS)
    yield stage
    stage.close()


def one(run: Isolated[Order, Done], what: str, argument: str = "", folder: Path | None = None) -> Outcome[Done]:
    (outcome,) = run([Order("a", what, argument, None if folder is None else str(folder))])
    assert outcome.input_id == "a"
    return outcome


def gone(pid: int) -> bool:
    """True once no process has this id; waits up to two seconds for it."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def failure(outcome: Outcome[Done]) -> tuple[str, str]:
    assert outcome.failure is not None
    assert outcome.rows == ()
    return outcome.failure.kind, outcome.failure.detail


def test_rows_are_worked_on_in_one_child_that_opened_the_stage_once(run: Isolated[Order, Done]) -> None:
    outcomes = [*run([Order("a", ""), Order("b", "")]), *run([Order("c", "")])]
    rows = [outcome.rows[0] for outcome in outcomes]
    assert [outcome.input_id for outcome in outcomes] == ["a", "b", "c"]
    assert [row.opened_times for row in rows] == [1, 2, 3]
    assert {row.pid for row in rows} != {os.getpid()}
    assert len({row.pid for row in rows}) == 1
    assert rows[0].array is not None
    assert rows[0].array.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("what", "argument", "said"),
    [
        ("segfault", "", "was killed by SIGSEGV"),
        ("abort", "", "was killed by SIGABRT (terminate called after throwing an instance of 'std::bad_alloc')"),
        ("exit", "3", "ended with exit code 3"),
        ("mute, abort", "", "was killed by SIGABRT"),  # a process that is killed closes one pipe before the other
    ],
)
def test_a_row_that_kills_its_child_twice_is_crashed(
    run: Isolated[Order, Done], what: str, argument: str, said: str
) -> None:
    kind, detail = failure(one(run, what, argument))
    assert kind == "crashed"
    assert said in detail
    assert one(run, "").rows[0].text == "ok"


def test_a_row_that_kills_its_child_once_is_tried_again(run: Isolated[Order, Done], tmp_path: Path) -> None:
    assert one(run, "segfault once", str(tmp_path / "seen"), tmp_path).rows[0].text == "ok"


def test_a_row_that_hangs_is_a_timeout_and_its_process_dies(run: Isolated[Order, Done], tmp_path: Path) -> None:
    kind, detail = failure(one(run, "say and hang", str(tmp_path / "pid"), tmp_path))
    assert (kind, detail) == (
        "timeout", "misbehave took longer than 1 s for one row; raise its deadline if such media are wanted",
    )  # fmt: skip
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_row_that_eats_memory_is_too_large() -> None:
    run = isolated(Misbehave(), replace(LIMITS, deadline_s=60.0))  # on a busy machine it takes its time
    kind, detail = failure(one(run, "eat"))
    run.close()
    assert kind == "too_large"
    assert "400 MiB of memory" in detail


def test_one_impossible_allocation_is_too_large(run: Isolated[Order, Done]) -> None:
    kind, _ = failure(one(run, "eat at once", str(1 << 40)))
    assert kind == "too_large"


def test_a_large_output_arrives_and_a_huge_one_is_too_large(run: Isolated[Order, Done]) -> None:
    assert one(run, "swell", str(7 * MIB)).rows[0].body == bytes(7 * MIB)
    kind, detail = failure(one(run, "swell", str(9 * MIB)))
    assert kind == "too_large"
    assert "an output of more than 8 MiB" in detail


@pytest.mark.parametrize("what", ["shout", "read stdin"])
def test_what_a_stage_prints_or_reads_does_not_touch_the_messages(run: Isolated[Order, Done], what: str) -> None:
    assert one(run, what).rows[0].text in ("ok", "")
    assert one(run, "").rows[0].text == "ok"


def test_the_child_has_no_network(run: Isolated[Order, Done]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = one(run, "connect", str(server.getsockname()[1])).rows[0].text
    assert said == "refused: [Errno 13] Permission denied"
    assert run.confinement == Confinement(network=True, calls=True, files=True)
    assert one(run, "interfaces").rows[0].text == "lo"


def test_a_child_that_keeps_the_network_is_bound_all_the_same() -> None:
    run = isolated(Misbehave(), Limits(memory_bytes=400 * MIB), network=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert one(run, "connect", str(server.getsockname()[1])).rows[0].text == "ok"
    assert run.confinement == Confinement(network=False, calls=True, files=True)
    assert failure(one(run, "eat at once", str(1 << 40)))[0] == "too_large"
    run.close()


def test_a_row_that_nobody_waits_for_is_given_up_with_its_child(tmp_path: Path) -> None:
    run, note = isolated(Misbehave(), Limits(deadline_s=60)), tmp_path / "pid"
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            one(run, "say and hang", str(note), tmp_path)
        except Abandoned as how:
            raised.append(how)

    thread = threading.Thread(target=wait)
    thread.start()
    while not (note.exists() and note.read_text().endswith("\n")):
        time.sleep(0.01)
    run.abandon()
    thread.join(5)
    assert len(raised) == 1
    assert gone(int(note.read_text()))


def test_sockets_of_the_machine_itself_are_allowed(run: Isolated[Order, Done]) -> None:
    assert one(run, "unix socket").rows[0].text == "ok"


def test_the_child_sees_no_credentials(run: Isolated[Order, Done], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "RAY_JOB_ID", "DB_PASSWORD"):
        monkeypatch.setenv(name, "secret")
    seen = one(run, "environment").rows[0].text.split()
    assert "PATH" in seen
    assert not [name for name in seen if name.startswith(("AWS", "HF", "RAY", "DB"))]


def test_a_bad_row_is_a_failure_and_the_child_lives_on(run: Isolated[Order, Done]) -> None:
    pid = one(run, "").rows[0].pid
    assert failure(one(run, "bad row", "x.mp4")) == ("not_media", "x.mp4 is no film")
    assert one(run, "").rows[0].pid == pid


def test_a_bug_stops_the_job_with_the_traceback_of_the_child(run: Isolated[Order, Done]) -> None:
    with pytest.raises(BrokenStage, match=r"(?s)_obey.*ZeroDivisionError: seven"):
        one(run, "bug", "seven")


def test_a_usage_error_of_open_is_raised_as_itself() -> None:
    with pytest.raises(RecipeError, match=r"key models\.voice names no file"):
        one(isolated(Misbehave(refuse=True), LIMITS), "")


def test_a_child_that_is_killed_while_it_opens_is_tried_once_more(tmp_path: Path) -> None:
    (tmp_path / "1").touch()
    run = isolated(Stillborn(str(tmp_path)), LIMITS)
    assert one(run, "", "alive", tmp_path).rows[0].text == "alive"
    run.close()
    for mark in "12":
        (tmp_path / mark).touch()
    with pytest.raises(BrokenStage, match=r"stillborn could not be opened: its process .*SIGKILL"):
        one(run, "", folder=tmp_path)


def test_an_output_that_is_no_row_is_a_bug_of_its_stage() -> None:
    run = isolated(Smuggle(), LIMITS)
    with pytest.raises(BrokenStage, match=r"(?s)failed in its process on a:.*PosixPath is no part of a row"):
        list(run([Order("a", "")]))


def test_a_child_is_replaced_after_its_rows_without_loss() -> None:
    run = isolated(Misbehave(), Limits(rows_per_child=2))
    outcomes = list(run(Order(str(i), "") for i in range(5)))
    pids = [outcome.rows[0].pid for outcome in outcomes]
    assert [outcome.input_id for outcome in outcomes] == list("01234")
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]
    run.close()
    assert all(gone(pid) for pid in pids)


def _close_generator(run: Isolated[Order, Done]) -> int:
    rows = run([Order("a", ""), Order("b", "")])
    pid = next(rows).rows[0].pid
    rows.close()  # type: ignore[attr-defined]
    return pid


def _close_run(run: Isolated[Order, Done]) -> int:
    pid = one(run, "").rows[0].pid
    run.close()
    return pid


@pytest.mark.parametrize("close", [_close_generator, _close_run])
def test_closing_ends_the_child_and_leaks_no_descriptor(
    run: Isolated[Order, Done], close: Callable[[Isolated[Order, Done]], int]
) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    assert gone(close(run))
    assert set(Path("/proc/self/fd").iterdir()) == before


def test_a_child_ends_with_the_object_that_holds_it() -> None:
    pid = one(isolated(Misbehave(), LIMITS), "").rows[0].pid
    gc.collect()
    assert gone(pid)


def test_a_child_outlives_the_thread_that_started_it(run: Isolated[Order, Done]) -> None:
    pids: list[int] = []
    thread = threading.Thread(target=lambda: pids.append(one(run, "").rows[0].pid))
    thread.start()
    thread.join()
    assert one(run, "").rows[0].pid == pids[0]


_PARENT = """
import sys
from curate.media.limits import Limits
from curate.media.sandbox import isolated
from tests.media.misbehaviour import Misbehave, Order
list(isolated(Misbehave(), Limits())([Order("a", "say and hang", sys.argv[1] + "/pid", sys.argv[1])]))
"""


def test_a_killed_parent_takes_its_child_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(tmp_path)])
    while not (note.exists() and note.read_text().endswith("\n")):
        assert parent.poll() is None
        time.sleep(0.02)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone(int(note.read_text()))
