"""What a child does with messages: open the stage, then one row in, one answer out."""

import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from curate.errors import RowError, UsageError
from curate.media.answer import Broken, Misused, Ready, Swelled
from curate.media.confine import Confinement
from curate.media.wire import encoded, read_frame, write_pieces
from curate.stage import Outcome

_Run = Callable[[Iterable[Any]], Iterator[Outcome[Any]]]
_TRACEBACK = 20_000


def serve(requests: int, answers: int, confinement: Confinement) -> None:
    """Answer each row with one message; return when the pipe is closed."""
    stage = read_frame(requests)
    if stage is None:
        return
    run: list[_Run] = []

    def opened() -> Ready:
        run.append(pickle.loads(stage).open())  # noqa: S301  from our own parent
        return Ready(confinement)

    write_pieces(answers, _guarded(opened))
    while run and (body := read_frame(requests)) is not None:
        write_pieces(answers, _answer(run[0], body))


def _answer(run: _Run, body: bytes) -> list[memoryview]:
    return _guarded(lambda: _outcome(run, pickle.loads(body)))  # noqa: S301


def _outcome(run: _Run, row: Any) -> Outcome[Any]:
    try:
        outcomes = list(run([row]))
    except RowError as error:
        return Outcome(row.id, (), error.failure)
    if len(outcomes) != 1:
        raise ValueError(f"a stage gave {len(outcomes)} outcomes for one row")
    return outcomes[0]


def _guarded(work: Callable[[], object]) -> list[memoryview]:
    """Turn whatever is raised into an answer: the parent decides what it means."""
    try:
        return encoded(work())
    except MemoryError:
        return encoded(Swelled())
    except UsageError as error:
        return encoded(Misused(type(error).__name__, str(error)))
    except Exception:  # noqa: BLE001  not swallowed: raised again in the parent, with this traceback
        return encoded(Broken(traceback.format_exc()[-_TRACEBACK:]))
