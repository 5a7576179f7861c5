"""The kept clips of a cut in the formats of others: shards that are written once, and a manifest of them."""

import dataclasses
import functools
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from curate.digest import digest
from curate.errors import ROW_ERRORS, LakeError, UsageError
from curate.export.exports import EXPORTS
from curate.export.format import Missed, Part, whole
from curate.pick.rules import accepted_captions
from curate.stage import config
from jobs.counting import that_count
from jobs.difference import Named
from jobs.drive import WAVE
from jobs.export_worker import RECORDS, ExportUnit, ExportWorker, Order, Record, Wanted, record_of, record_path
from jobs.fsck import Pool
from jobs.job import Snapshot
from jobs.progress import Progress, Watch
from jobs.recipe import Recipe

MANIFEST, FAILURES = "export.json", "failures.jsonl"
VERSION = 1


@dataclass(frozen=True)
class Chosen:
    """The clips of a cut that are exported: `clip_id, weight, caption_ids`, by clip."""

    cut: Named
    clips: pl.DataFrame

    @property
    def without_caption(self) -> int:
        return self.clips.filter(pl.col("caption_ids").list.len() == 0).height


@dataclass
class Exported:
    """What an export holds, and what it does not."""

    order: Order
    chosen: Chosen
    records: list[Record]
    closing: list[Part]

    @property
    def missed(self) -> list[Missed]:
        return [one for record in self.records for one in record.missed]

    def as_dict(self, state: Literal["under way", "done"]) -> dict[str, Any]:
        """As `export.json` has it."""
        order, encoded = self.order, Counter[str]()
        for record in self.records:
            encoded.update(record.encoded)
        return {
            "format": order.format,
            "version": VERSION,
            "state": state,
            "key": order.key,
            "cut": self.chosen.cut.cut,
            "cut_hash": self.chosen.cut.cut_hash,
            "settings": dataclasses.asdict(order.settings),
            "cutting": json.loads(config(order.cut)) if EXPORTS[order.format].files else None,
            "metrics": None if order.metrics is None else list(order.metrics),
            "encoders": list(order.encoders),
            "clips": self.chosen.clips.height,
            "without_caption": self.chosen.without_caption,
            "samples": sum(record.samples for record in self.records),
            "hours": round(sum(record.media_us for record in self.records) / 3.6e9, 6),
            "copied": sum(record.copied for record in self.records),
            "encoded": dict(encoded.most_common()),
            "left_out": dict(Counter(one.kind for one in self.missed).most_common()),
            "shards": [dataclasses.asdict(part) for record in self.records for part in record.parts],
            "closing": [dataclasses.asdict(part) for part in self.closing],
        }


def chosen(snapshot: Snapshot, recipe: Recipe, cut: Named, side: str) -> Chosen:
    """The kept clips of one side of a cut, and the captions of them that a plan would read."""
    mine = (pl.col("cut_hash") == cut.cut_hash) & pl.col("kept") & (pl.col("side") == side)
    picks = snapshot.lake.scan("picks").filter(mine).unique("clip_id").select("clip_id", "weight")
    accepted = accepted_captions(that_count(snapshot, "verdicts"), recipe.pick).unique("caption_id")
    told = accepted.group_by("clip_id").agg(caption_ids=pl.col("caption_id").sort())
    clips = picks.join(told, on="clip_id", how="left").sort("clip_id").collect()
    if not clips.height:
        raise LakeError(f"{cut} keeps no clip on the side {side!r}: there is nothing to export")
    return Chosen(cut, clips.with_columns(pl.col("caption_ids").fill_null([])))


def keyed(order: Order, what: Chosen, per_shard: int) -> Order:
    """An order with the hash of all that decides what is written."""
    settings = json.dumps(
        [VERSION, order.format, dataclasses.asdict(order.settings), config(order.cut), order.metrics, order.encoders,
         per_shard, what.cut.cut_hash, sorted(order.snapshot.asked.items())]
    )  # fmt: skip
    return dataclasses.replace(order, key=digest(settings, what.clips))


def export(order: Order, what: Chosen, per_shard: int, pool: Pool, watch: Watch, retry: bool = False) -> Exported:
    """Write what is missing of an export. Without an error, all is there, or is told among what was missed.

    With `retry`, shards whose clips failed are written again.
    """
    done = _before(order, what, retry)
    _manifest(order, Exported(order, what, [], []), "under way")
    records = {**done, **_run(order, what, per_shard, pool, watch, done)}
    ended = Exported(order, what, [records[index] for index in sorted(records)], [])
    parts = [part for record in ended.records for part in record.parts]
    ended.closing = EXPORTS[order.format].close(order.out, order.settings, parts)
    ended.closing.append(_failures(order, ended.missed))
    _manifest(order, ended, "done")
    return ended


def rehearse(order: Order, what: Chosen, per_shard: int, pool: Pool, watch: Watch) -> Exported:
    """Say what an export would hold; nothing is written."""
    dry = dataclasses.replace(order, cut=dataclasses.replace(order.cut, dry=True))
    records = _run(dry, what, per_shard, pool, watch, {})
    return Exported(order, what, [records[index] for index in sorted(records)], [])


def _run(
    order: Order, what: Chosen, per_shard: int, pool: Pool, watch: Watch, done: Mapping[int, Record]
) -> dict[int, Record]:
    """Work on the units that are not done."""
    progress, made = Progress(f"export {order.format}", total=what.clips.height), dict[int, Record]()
    progress.settled = sum(record.samples + len(record.missed) for record in done.values())
    progress.total = max(0, progress.total - progress.settled)
    watch(progress)
    units = (unit for unit in _units(what, per_shard) if unit.index not in done)
    workers = pool.engine.workers(pool.workers)
    while wave := list(itertools.islice(units, WAVE)):
        for record in pool.engine.map(functools.partial(ExportWorker, order), wave, workers):
            made[record.index] = record
            progress.done += record.samples + len(record.missed)
            progress.rows_out += record.samples
            progress.failures.update(one.kind for one in record.missed)
            progress.bytes_written += sum(part.size_bytes for part in record.parts)
            watch(progress)
    progress.ended_s = time.monotonic()
    watch(progress)
    return made


def _units(what: Chosen, per_shard: int) -> Iterator[ExportUnit]:
    of = -(-what.clips.height // per_shard)
    for index, part in enumerate(what.clips.iter_slices(per_shard)):
        rows = part.select("clip_id", "weight", "caption_ids").iter_rows()
        yield ExportUnit(index, of, tuple(Wanted(clip_id, weight, tuple(ids)) for clip_id, weight, ids in rows))


def _before(order: Order, what: Chosen, retry: bool) -> dict[int, Record]:
    """What earlier runs of the same export have done: records whose files are there. UsageError where it is another."""
    there = {stored.path: stored.size for stored in order.out.objects("")}
    if MANIFEST in there:
        told = json.loads(order.out.read(MANIFEST, 0, there[MANIFEST]))
        if told.get("key") != order.key:
            raise UsageError(
                f"{order.out.uri} holds another export ({told.get('format')} of {told.get('cut')}@"
                f"{str(told.get('cut_hash'))[:12]}, or other settings, clips or captions): choose another place"
            )
    elif there:
        raise UsageError(f"{order.out.uri} is not empty, and holds no export: choose another place")
    found = dict[int, Record]()
    for path in sorted(there):
        if path.startswith(f"{RECORDS}/"):
            record = record_of(order.out.read(path, 0, there[path]))
            whole_ = record.key == order.key and all(there.get(one.path) == one.size_bytes for one in record.parts)
            if whole_ and path == record_path(record.index) and not (retry and _failed(record.missed)):
                found[record.index] = record
    return found


def _failed(missed: Sequence[Missed]) -> bool:
    return any(one.kind in ROW_ERRORS for one in missed)


def _failures(order: Order, missed: Sequence[Missed]) -> Part:
    lines = (json.dumps(dataclasses.asdict(one), ensure_ascii=False) for one in missed)
    return whole(order.out, FAILURES, "".join(f"{line}\n" for line in lines).encode(), len(missed))


def _manifest(order: Order, ended: Exported, state: Literal["under way", "done"]) -> None:
    whole(order.out, MANIFEST, (json.dumps(ended.as_dict(state), indent=1, ensure_ascii=False) + "\n").encode())
