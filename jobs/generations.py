"""The jobs over captions: those of captioners, those that a repair makes of them, those of people; each is tested."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from captioners.check.quiz import Quiz
from captioners.check.repair import Repair
from captioners.check.witness import Witness
from captioners.revise import Revise
from jobs import gather
from jobs.job import Job, Sink, Snapshot
from jobs.recipe import Recipe

A = TypeVar("A", Quiz, Witness, Repair)


def keyed(stage: A | None, key: str | None) -> Iterator[A]:
    """A stage that asks a model, if there is one, with the key that its servers want."""
    if stage is not None:
        yield replace(stage, model=stage.model.keyed(key))


def generations(
    recipe: Recipe,
    key: str | None,
    caption: Job,
    known: Mapping[str, str],
    facts: Sequence[str],
    quizzes: Sequence[Job],
) -> Iterator[Job]:
    """The job `caption`, and all that are over captions, in order.

    `known`: the fingerprints of the evidence. `facts`: its tables that hold what was measured.
    """
    quizzed = {job.output: "clip_id" for job in quizzes}
    tests = partial(_tests, recipe, key, {**known, **{job.output: job.fingerprint for job in quizzes}})
    yield caption
    yield from (first := tests(caption, _Over(needs_of=quizzed)))
    for stage in keyed(recipe.repair, key):
        reads = {**known, "captions": caption.fingerprint, "verdicts": first[-1].fingerprint}
        repair = Job(
            stage, "verdicts", "caption_id", "captions", gather.flawed, reads, sorted_by="clip_id", rows_per_unit=64,
            environment=stage.model.environment, concurrent_units=4,
        )  # fmt: skip
        yield repair
        yield from tests(repair, _Over("repairs", quizzed))
    revise = Job(Revise(), "reviews", "review_id", "captions", gather.reviewed, sorted_by="clip_id", rows_per_unit=256)
    yield revise
    # a review outlives the clips of a recipe: of those that there are, all has to be known once more
    yield from tests(revise, _Over("reviews", {**dict.fromkeys(facts, "clip_id"), **quizzed}, {"clips": "clip_id"}))


@dataclass(frozen=True, slots=True)
class _Over:
    """Which captions a test is over, and what must be there before."""

    of: str | None = None
    needs_of: Mapping[str, str] = field(default_factory=dict)
    among: Mapping[str, str] = field(default_factory=dict)


def _tests(recipe: Recipe, key: str | None, known: Mapping[str, str], captions: Job, over: _Over) -> tuple[Job, ...]:
    """What one who sees says of the claims, where the recipe names one; and the check."""
    told = {**known, "captions": captions.fingerprint}
    by_caption = partial(
        Job, over="captions", key="caption_id", sorted_by="caption_id", of=over.of, among=over.among
    )  # fmt: skip
    without_quiz = {table: one for table, one in told.items() if table != "questions"}
    facts = {table: column for table, column in over.needs_of.items() if table != "questions"}
    witnesses = tuple(
        by_caption(
            stage, output="testimonies", gather=gather.seen_captions, reads=without_quiz, needs_of=facts,
            rows_per_unit=64, environment=stage.model.environment, concurrent_units=4,
        )
        for stage in keyed(recipe.witness, key)
    )  # fmt: skip
    check = by_caption(
        recipe.check.keyed(key), output="verdicts", gather=gather.captioned,
        reads={**told, **{job.output: job.fingerprint for job in witnesses}},
        needs=tuple(job.output for job in witnesses), needs_of=over.needs_of, rows_per_unit=256,
        environment=recipe.check.environment, concurrent_units=2 if recipe.check.reader else 1,
    )  # fmt: skip
    return (*witnesses, check)


def embeddings(
    recipe: Recipe, told: Sequence[Job], clips: Mapping[str, str], open_sink: Callable[[Snapshot], Sink]
) -> Iterator[Job]:
    """What a text encoder reads, of every generation of captions, where the recipe names one.

    Tested or not: which captions count is known later, and changes without another embedding.
    """
    if recipe.embed is None:
        return
    wording = partial(gather.wordings, variants=recipe.embed.variants, formats=recipe.embed.formats)
    for captions in (job for job in told if job.output == "captions"):
        of = {"repair": "repairs", "revise": "reviews"}.get(captions.name)
        yield Job(
            recipe.embed, "captions", "caption_id", "embeddings", wording,
            {**clips, "captions": captions.fingerprint}, of=of, among={"clips": "clip_id"} if of == "reviews" else {},
            open_sink=open_sink, sorted_by="caption_id", rows_per_unit=64, environment=recipe.embed.environment,
        )  # fmt: skip
