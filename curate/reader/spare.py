"""Which sample takes the place of a bad one.

The rule knows the plan and nothing of ranks: it is the same for any number of them, and after every resume. A slot
whose sample is bad gets that of the next slot of its step, going round; where all of them are bad, that of the first
slots of the nearest step of its bucket. Shapes and counts stay equal on all ranks, and no rank has to ask another.
"""

from collections.abc import Iterator
from itertools import islice

from curate.reader.outline import Outline

TRIES = 8
"""Candidates that are tried; where so many are bad in a row, it is not the samples."""


def candidates(outline: Outline, step: int, slot: int) -> Iterator[tuple[int, int]]:
    """Steps and slots whose samples may take the place of one, in order."""
    return islice(_all(outline, step, slot), TRIES)


def _all(outline: Outline, step: int, slot: int) -> Iterator[tuple[int, int]]:
    size = int(outline.sizes[step])
    yield from ((step, (slot + ahead) % size) for ahead in range(1, size))
    other = outline.alike(step)
    if other is not None:
        yield from ((other, index) for index in range(int(outline.sizes[other])))
