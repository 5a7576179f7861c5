"""A captioner on the film with truth and on copies with one thing changed: what it gets right, what it notices."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from captioners.probe.asked import Told, told
from captioners.probe.compare import AxisScore, Change, changes, pairs, scores
from curate.errors import LakeError
from curate.fetch.fetch import Fetch
from curate.film import load_truth, truth_path
from curate.film.perturb import Edit, perturb
from jobs import gather
from jobs.job import Snapshot
from jobs.recipe import Recipe
from jobs.session import Session, open_session
from jobs.show import Show
from schemas.caption import Caption
from schemas.clip import Clip
from schemas.truth import Film

NEAR_US = 100_000
NOT_ASKED = ("subtitle", "rate", "quiz")
"""Jobs before `caption` that no captioner reads."""


@dataclass(frozen=True)
class Copied:
    """A perturbed copy, and what was done to it."""

    name: str
    path: Path
    edit: Edit


@dataclass(frozen=True, slots=True)
class Probed:
    """One perturbation: what turned, what stayed; how many clips of the film could be compared."""

    name: str
    changes: tuple[Change, ...]
    compared: int
    clips: int

    @property
    def missed(self) -> tuple[str, ...]:
        return tuple(one.axis for one in self.changes if one.missed)

    @property
    def strayed(self) -> tuple[str, ...]:
        return tuple(one.axis for one in self.changes if one.strayed)


@dataclass(frozen=True, slots=True)
class Report:
    """What one recipe's captioner did."""

    recipe: str
    captioners: tuple[str, ...]
    axes: tuple[AxisScore, ...]
    statements: int
    false: tuple[str, ...]  # statements about the film that its truth contradicts
    probed: tuple[Probed, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        probed = [{**asdict(one), "missed": one.missed, "strayed": one.strayed} for one in self.probed]
        return {**asdict(self), "probed": probed}


def copies(path: Path, film: Film, names: Sequence[str], folder: Path, seed: int = 0) -> list[Copied]:
    """Make the perturbed copies of a film."""
    made = []
    for name in names:
        out = folder / f"{name}.mp4"
        made.append(Copied(name, out, perturb(path, film, name, out, seed)))
    return made


def probe(
    name: str, recipe: Recipe, path: Path, copied: Sequence[Copied], *, lake: str, engine: str, show: Show
) -> Report:
    """Run the jobs up to `caption` of one recipe on a film and its copies; hold the captions against the truth."""
    films = [path, *(one.path for one in copied)]
    roots = dict.fromkeys(str(one.parent.resolve()) for one in films)
    session = open_session(lake, replace(recipe, fetch=Fetch(roots=tuple(roots))), engine, show)
    session.add(list(map(str, films)))
    session.run(_up_to_captions(session))
    film = load_truth(truth_path(path))
    snapshot = session.snapshot
    before = _told(snapshot, film, frozenset())
    axes = [_cuts(snapshot, film), *scores(before)]
    probed = []
    for copy in copied:
        after = _told(snapshot, copy.edit.truth, copy.edit.unknown)
        changed = changes(before, after, copy.edit)
        if "cut" not in copy.edit.unknown:
            changed.insert(0, _cut_change(snapshot, film, copy.edit.truth))
        compared = len({one.clip.clip_id for one, _ in pairs(before, after, copy.edit)})
        probed.append(Probed(copy.name, tuple(changed), compared, len(before)))
    false = tuple(text for one in before for text in one.false)
    captioners = tuple(sorted({one.caption.captioner for one in before}))
    return Report(name, captioners, tuple(axes), sum(one.statements for one in before), false, tuple(probed))


def _up_to_captions(session: Session) -> list[str]:
    names = [job.name for job in session.road]
    return [name for name in names[: names.index("caption") + 1] if name not in NOT_ASKED]


def _clips(snapshot: Snapshot, film: Film) -> list[Clip]:
    rows = snapshot.payload("clips").filter(pl.col("media_id") == film.media_id).select("clip_id").collect()
    return gather.clips(snapshot, rows["clip_id"].to_list())


def _told(snapshot: Snapshot, film: Film, unknown: frozenset[Any]) -> list[Told]:
    clips = {clip.clip_id: clip for clip in _clips(snapshot, film)}
    media = gather.media(snapshot, [film.media_id])[film.media_id]
    captions = list(snapshot.rows("captions", Caption, "clip_id", list(clips)))
    if not captions:
        raise LakeError(
            "the recipe made no caption of the film: `--keep FOLDER` keeps the lake, whose failures say why"
        )
    captions.sort(key=lambda caption: caption.clip_id)
    return [told(film, clips[one.clip_id], media, one, unknown) for one in captions]


def _found(snapshot: Snapshot, film: Film) -> tuple[int, int, int]:
    """How many joins of the shots there are, how many were found, and how many more were."""
    clips = _clips(snapshot, film)
    said = [clip.start_us for clip in clips if clip.start_kind not in ("edge", "length")]
    ends = [join.end_us for join in film.transitions]
    hits = sum(any(abs(end - at) <= NEAR_US for at in said) for end in ends)
    return len(ends), hits, sum(all(abs(end - at) > NEAR_US for end in ends) for at in said)


def _cuts(snapshot: Snapshot, film: Film) -> AxisScore:
    return AxisScore("cut", *_found(snapshot, film))


def _cut_change(snapshot: Snapshot, film: Film, copy: Film) -> Change:
    true, hits, more = _found(snapshot, copy)
    were, kept, _ = _found(snapshot, film)
    if [join.end_us for join in film.transitions] == [join.end_us for join in copy.transitions]:
        return Change("cut", 0, 0, 0, kept, min(hits, kept))
    return Change("cut", true, hits, 0, 0, 0) if true else Change("cut", were, max(0, were - more), 0, 0, 0)
