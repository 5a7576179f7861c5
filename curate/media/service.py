"""What a child does with messages: open the stage, then one row in, one answer out."""

import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from curate.errors import RowError, UsageError
from curate.media.confine import Confinement
from curate.media.wire import read_frame, write_frame
from curate.stage import Outcome

Answer = tuple[Any, ...]
_Run = Callable[[Iterable[Any]], Iterator[Outcome[Any]]]


def serve(requests: int, answers: int, confinement: Confinement) -> None:
    """Answer each row with one message; return when the pipe is closed."""
    stage = read_frame(requests)
    if stage is None:
        return
    opened = _guarded(lambda: ("opened", pickle.loads(stage).open()))  # noqa: S301  from our own parent
    write_frame(answers, ("ready", confinement) if opened[0] == "opened" else opened)
    while opened[0] == "opened" and (body := read_frame(requests)) is not None:
        write_frame(answers, _answer(opened[1], body))


def _answer(run: _Run, body: bytes) -> Answer:
    return _guarded(lambda: ("outcome", _outcome(run, pickle.loads(body))))  # noqa: S301


def _outcome(run: _Run, row: Any) -> Outcome[Any]:
    try:
        outcomes = list(run([row]))
    except RowError as error:
        return Outcome(row.id, (), error.failure)
    if len(outcomes) != 1:
        raise ValueError(f"a stage gave {len(outcomes)} outcomes for one row")
    return outcomes[0]


def _guarded(work: Callable[[], Answer]) -> Answer:
    """Turn whatever is raised into an answer: the parent decides what it means."""
    try:
        return work()
    except MemoryError:
        return ("memory",)
    except UsageError as error:
        return ("usage", type(error).__name__, str(error))
    except Exception:  # noqa: BLE001  not swallowed: raised again in the parent, with this traceback
        return ("bug", traceback.format_exc())
