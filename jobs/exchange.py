"""Captions and decisions in the formats of others, and decisions back from them."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from captioners.record import Record
from curate.review.decisions import review
from curate.review.held import decisions, held
from curate.review.huggingface import Card, Sample, sample, write_dataset
from curate.review.items import of_a_word
from curate.review.labelstudio import Task, decided_of, read_tasks, task_of, write_tasks
from curate.review.labelstudio_config import labelling_config
from curate.review.store import UNDECIDED, withdraw
from curate.review.triples import triples
from curate.review.webvtt import spoken, vtt
from curate.storage.lake import Lake
from jobs.counting import that_count
from jobs.job import Snapshot
from jobs.queue import there
from jobs.takedown import gone
from schemas.caption import PERSON, Caption, Claim, Review
from schemas.row import arrow_schema, from_table

AT_ONCE = 2000
ELSEWHERE = "decided in another program"
"""Why an item is withdrawn of which an annotation came."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is taken from where to where."""

    snapshot: Snapshot
    queue: Engine
    out: Path
    film: Callable[[str], str]  # the address of a clip's proxy, by its id


def to_labelstudio(of: Exchange) -> int:
    """Open items and collected decisions as tasks, and beside them the labelling configuration; how many tasks."""
    tasks = [task_of(item, (), of.film) for item in held(of.queue) if item.mode == "triage"]
    done = sorted(decisions(of.queue), key=lambda pair: pair[0].item_id)
    for _, pairs in groupby(done, key=lambda pair: pair[0].item_id):
        both = list(pairs)
        tasks.append(task_of(both[0][0], [decided for _, decided in both], of.film))
    _write(of.out, write_tasks(tasks))
    _write(of.out.with_suffix(".xml"), labelling_config())
    return len(tasks)


def to_vtt(of: Exchange) -> int:
    """Two files a clip, of what is said and of all else, named after it; how many clips."""
    of.out.mkdir(parents=True, exist_ok=True)
    clips = 0
    for caption in counting_captions(of.snapshot):
        record = Record.model_validate_json(caption.record)
        begins_us = record.start_us
        claims = [claim for claim in caption.claims if claim.start_us < claim.end_us and not of_a_word(claim)]
        statements = spoken(claims, begins_us, _speakers(record, claims))
        for kind in ("captions", "descriptions"):
            _write(of.out / Path(file_name(caption.clip_id)).with_suffix(f".{kind}.vtt"), vtt(statements, kind))
        clips += 1
    return clips


def to_huggingface(of: Exchange, card: Card) -> int:
    """A folder that `datasets` loads: a row for each caption that counts; how many."""
    key = secrets.token_bytes(32)  # names of people are hidden for good
    return write_dataset(of.out, _samples(of, key), card)


def to_triples(of: Exchange) -> int:
    """Lines of JSON: the text before, why it is wrong, and after; how many."""
    of.out.parent.mkdir(parents=True, exist_ok=True)
    lines = 0
    with of.out.open("w", encoding="utf-8") as file:
        for line in triples(of.queue):
            file.write(line + "\n")
            lines += 1
    return lines


def films(snapshot: Snapshot, folder: Path) -> int:
    """The proxies of all clips whose captions count, as files; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    clips = that_count(snapshot, "captions").select("clip_id").unique()
    stored = snapshot.lake.scan("proxies").filter(pl.col("outputs") > 0).select("clip_id", "blob").unique("clip_id")
    rows = stored.join(clips, on="clip_id", how="semi").collect()
    for clip_id, blob in rows.iter_rows():
        body = snapshot.lake.blobs.read(blob["shard"], blob["offset"], blob["length"])
        (folder / file_name(clip_id)).write_bytes(body)
    return rows.height


def file_name(clip_id: str) -> str:
    """What the film of a clip is called where there are no folders."""
    return clip_id.replace("/", "_") + ".mp4"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: annotations in it, those new to the lake, and items that left the queue for them."""

    annotations: int
    reviews: int
    withdrawn: int


def from_labelstudio(lake: Lake, queue: Engine | None, path: Path) -> Imported:
    """Annotations as reviews; what nobody has decided on in the queue of the lake is not asked there any more."""
    tasks: Iterable[Task] = read_tasks(path.read_bytes())
    decided = [one for task in tasks for one in decided_of(task)]
    rows = {row.review_id: row for row in map(review, decided)}
    known, down = there(lake, list(rows)), gone(lake)
    fresh = [row for row in rows.values() if row.review_id not in known and row.clip_id.partition("/")[0] not in down]
    lake.append("reviews", fresh)
    left = withdraw(queue, {one.item_id for one in decided}, ELSEWHERE, UNDECIDED) if queue else 0
    return Imported(len(rows), len(fresh), left)


EXPORTS: Mapping[str, Callable[[Exchange], int]] = MappingProxyType(
    {
        "labelstudio": to_labelstudio,
        "webvtt": to_vtt,
        "triples": to_triples,
    }
)
"""Formats that need nothing but what is exchanged."""


def counting_captions(snapshot: Snapshot) -> Iterator[Caption]:
    """The captions that count, by clip."""
    ids = that_count(snapshot, "captions").select("clip_id", "caption_id").sort("clip_id", "caption_id").collect()
    for part in ids.iter_slices(AT_ONCE):
        mine = pl.col("caption_id").is_in(part["caption_id"].to_list())
        rows = (
            snapshot.all_payload("captions")
            .filter(mine)
            .sort("clip_id", "caption_id")
            .unique("caption_id", maintain_order=True)
        )
        found = rows.select(arrow_schema(Caption).names).collect()
        yield from from_table(Caption, found.to_arrow(compat_level=pl.CompatLevel.newest()))


def _samples(of: Exchange, key: bytes) -> Iterator[Sample]:
    found = sorted(of.snapshot.lake.rows("reviews", Review), key=lambda row: row.submitted_us)
    reviews = {row.caption_id: row for row in found}
    for caption in counting_captions(of.snapshot):
        told_of = caption.parent if caption.captioner == PERSON else caption.caption_id
        yield sample(caption, key, reviews.get(told_of or ""), of.film(caption.clip_id))


def _speakers(record: Record, claims: Iterable[Claim]) -> Mapping[str, str]:
    """Who says an utterance, by the claim that tells it."""
    said = {(one.basis.evidence, one.text): one.speaker for one in record.speech if one.speaker}
    found: dict[str, str] = {}
    for claim in claims:
        for (evidence, text), speaker in said.items():
            if claim.facet == "speech" and claim.evidence == evidence and text and text in claim.text:
                found[claim.claim_id] = speaker
    return found


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
