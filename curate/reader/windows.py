"""Windows of a rank's samples, one after the other; the next is looked up while this one is read."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from curate.errors import LakeError
from curate.reader.outline import Outline
from curate.reader.samples import Slot, Want, Window, window
from curate.reader.tables import Tables

ROWS = 16_384
"""Slots of a window: a few kilobytes each, of which two windows are held."""


def spans(outline: Outline, want: Want, rows: int) -> Sequence[tuple[int, int]]:
    """Steps [start, end) of each window: about as many of the rank's slots as are asked for, a step at least."""
    steps = np.arange(want.first, outline.steps, want.stride)
    if not len(steps):
        return ()
    upto = np.cumsum(outline.counts(want.rank, want.world)[steps])
    starts = np.unique(np.searchsorted(upto, np.arange(0, int(upto[-1]), rows), side="right"))
    edges = [want.first, *(int(steps[at]) for at in starts if at), outline.steps]
    return list(pairwise(edges))


def slots_by_step(
    tables: Tables, outline: Outline, want: Want, *, rows: int, whole: bool
) -> Iterator[tuple[int, list[Slot]]]:
    """Each step from `want.first` on with the rank's slots in it.

    whole: LakeError where a slot of a window lacks something, before any of that window is given.
    """
    ahead: Future[Window] | None = None
    with ThreadPoolExecutor(1, "retold-window") as pool:
        planned = spans(outline, want, rows)
        for index, (start, end) in enumerate(planned):
            found = window(tables, want, start, end) if ahead is None else ahead.result()
            if whole:
                check(found)
            ahead = pool.submit(window, tables, want, *planned[index + 1]) if index + 1 < len(planned) else None
            yield from found.by_step(step for step in range(start, end) if (step - want.first) % want.stride == 0)


def check(found: Window) -> None:
    """LakeError where something is missing."""
    if lacking := found.lacking():
        count, first = lacking
        raise LakeError(
            f"{count} samples of the plan lack their {first.what}, such as step {first.step}, "
            f"{first.clip_id}: `retold run` makes what was evicted; where it was made anew, `retold plan` again"
        )
