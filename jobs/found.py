"""What the jobs found of a film, beside what is true of it."""

import re
from collections.abc import Iterator, Sequence

import polars as pl
from rich.table import Table

from jobs.job import Snapshot
from jobs.recipe import Recipe
from schemas.caption import Verdict
from schemas.clip import Clip, Sound, Text
from schemas.truth import Film

NEAR_US = 100_000


def found(snapshot: Snapshot, recipe: Recipe, film: Film) -> Table:
    """A row for each kind of thing: how many are true, how many of them were found, how many more were said."""
    ours = pl.col("fingerprint")
    clips = list(snapshot.lake.rows("clips", Clip, ours == snapshot.fingerprints["clips"]))
    sounds = list(snapshot.lake.rows("sounds", Sound, ours == snapshot.fingerprints["sounds"]))
    texts = list(snapshot.lake.rows("texts", Text, ours == snapshot.fingerprints["texts"]))
    verdicts = list(snapshot.lake.rows("verdicts", Verdict, ours == snapshot.fingerprints["verdicts"]))
    grid = Table(title="found in the film", box=None, header_style="bold", title_justify="left", pad_edge=False)
    grid.add_column("what")
    for name in ("true", "found", "more"):
        grid.add_column(name, justify="right")
    for row in (*_transitions(film, clips), *_sounds(film, sounds), _texts(film, texts)):
        grid.add_row(row[0], *map(str, row[1:]))
    asked, right = (sum(getattr(axis, name) for v in verdicts for axis in v.axes) for name in ("asked", "right"))
    grid.add_row("questions answered from the captions alone", str(asked), str(right), "")
    return grid


def _transitions(film: Film, clips: Sequence[Clip]) -> Iterator[tuple[str, int, int, int]]:
    kinds = ("cut", "dissolve", "fade", *sorted({t.kind for t in film.transitions} & {"wipe", "jump"}))
    starts = {kind: [c.start_us for c in clips if c.start_kind == kind] for kind in kinds}
    for kind, said in starts.items():
        ends = [t.end_us for t in film.transitions if t.kind == kind]
        hits = sum(any(abs(end - at) <= NEAR_US for at in said) for end in ends)
        yield f"{kind}s", len(ends), hits, sum(all(abs(end - at) > NEAR_US for end in ends) for at in said)


def _sounds(film: Film, sounds: Sequence[Sound]) -> Iterator[tuple[str, int, int, int]]:
    labels = sorted({sound.label for sound in film.sounds if sound.kind == "event" and sound.label})
    for label in labels:
        yield _spans(label, [s for s in film.sounds if s.label == label], [s for s in sounds if s.label == label])
    for kind in ("music", "speech"):
        yield _spans(kind, [s for s in film.sounds if s.kind == kind], [s for s in sounds if s.kind == kind])


def _spans(name: str, true: Sequence[Sound], said: Sequence[Sound]) -> tuple[str, int, int, int]:
    def touch(a: Sound, b: Sound) -> bool:
        return min(a.end_us, b.end_us) > max(a.start_us, b.start_us)

    hits = sum(any(touch(a, b) for b in said) for a in true)
    return name, len(true), hits, sum(not any(touch(a, b) for a in true) for b in said)


def _texts(film: Film, texts: Sequence[Text]) -> tuple[str, int, int, int]:
    def plain(text: str) -> str:
        return re.sub(r"\W+", "", text).casefold()

    true, said = [plain(t.text) for t in film.texts], {plain(t.text) for t in texts}
    return "texts on screen, verbatim", len(true), sum(t in said for t in true), len(said - set(true))
