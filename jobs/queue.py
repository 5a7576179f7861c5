"""The annotators' queue, filled from a lake and emptied into it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import polars as pl
from sqlalchemy import Engine

from captioners.check.bank import Rules, questions
from captioners.check.gold import gold
from captioners.evidence import CaptionedEvidence
from captioners.record import Record
from curate.chance import stable_hash
from curate.errors import UsageError
from curate.pick.counting import standing
from curate.review import removal, store
from curate.review.collected import collected, set_collected
from curate.review.decisions import review
from curate.review.filling import Filling
from curate.review.items import content, new_item, share_of
from curate.review.value import AUDIT, value
from curate.review.wire import NewItem, Planted, QuestionShown, Value
from curate.storage.lake import Lake
from jobs import gather
from jobs.job import Snapshot
from jobs.takedown import gone
from schemas.caption import Caption, Mode, Review, Verdict
from schemas.proxy import Proxy

AT_ONCE = 500
"""Captions whose rows are read together."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a filling did."""

    added: int
    wanted: int  # captions that somebody should look at
    unshown: int  # of these, without a proxy: there is nothing to show


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of some captions, by caption id; proxies by clip id."""

    captions: Mapping[str, Caption]
    verdicts: Mapping[str, Verdict]
    proxies: Mapping[str, Proxy]


def fill(snapshot: Snapshot, rules: Rules, filling: Filling, engine: Engine, weight: float = 1.0) -> Filled:
    """Put what somebody should look at into the queue; what is there already is left as it is.

    `weight` multiplies what the items of this filling are worth.
    """
    forget(snapshot.lake, engine)
    tested = wanted(snapshot, filling)
    added = unshown = 0
    for part in tested.sort("caption_id").iter_slices(AT_ONCE):
        rows = _rows(snapshot, part["caption_id"].to_list(), part["clip_id"].to_list())
        shown = {one: caption for one, caption in rows.captions.items() if caption.clip_id in rows.proxies}
        unshown += len(part) - len(shown)
        draws = dict(part.select("caption_id", "draw").iter_rows())
        added += store.add(engine, _items(snapshot, rules, filling, rows, draws, weight))
    return Filled(added, len(tested), unshown)


def wanted(snapshot: Snapshot, filling: Filling) -> pl.DataFrame:
    """caption_id, clip_id, status and `draw` of what goes in, of captions from which no other was made.

    What people decided stands for all captions of its clip: they are asked of no other.

    Never all captions at once: there may be a hundred million.
    """
    parents = snapshot.all_payload("captions").select(pl.col("parent").drop_nulls().unique())
    verdicts = snapshot.all_payload("verdicts").select("caption_id", "clip_id", "status")
    drawn = verdicts.map_batches(_with_draw, streamable=True, schema={**verdicts.collect_schema(), "draw": pl.Float64})
    mine = drawn.filter(_asked_for(filling)).join(parents, left_on="caption_id", right_on="parent", how="anti")
    by_people = standing(snapshot.lake.scan("reviews")).filter(pl.col("mode") != "blind")
    known = mine.join(by_people.select("clip_id", known=True).unique(), on="clip_id", how="left")
    open_ = known.filter((pl.col("status") == "reviewed") | pl.col("known").is_null())
    return open_.drop("known").collect(engine="streaming")


def _with_draw(verdicts: pl.DataFrame) -> pl.DataFrame:
    """With where each clip lies in 0..1, as proxies are drawn."""
    return verdicts.with_columns(draw=pl.Series(stable_hash(verdicts["clip_id"]) / 2.0**64))


def _asked_for(filling: Filling) -> pl.Expr:
    status = pl.col("status")
    audited = (status != "reviewed") & (pl.col("draw") < filling.looked_at)
    read = (status == "reviewed") & pl.lit(filling.blind_share > 0)
    return status.is_in(filling.statuses) | audited | read


def _rows(snapshot: Snapshot, captions: Sequence[str], clips: Sequence[str]) -> Rows:
    found = snapshot.lake.rows("captions", Caption, _asked(snapshot, "captions", captions))
    verdicts = snapshot.lake.rows("verdicts", Verdict, _asked(snapshot, "verdicts", captions))
    proxies = snapshot.lake.rows("proxies", Proxy, pl.col("clip_id").is_in(list(clips)))
    return Rows(
        {one.caption_id: one for one in found},
        {one.caption_id: one for one in verdicts},
        {one.clip_id: one for one in proxies},
    )


def _asked(snapshot: Snapshot, table: str, captions: Sequence[str]) -> pl.Expr:
    names = [snapshot.fingerprints[table], *snapshot.later.get(table, ())]
    return pl.col("fingerprint").is_in(names) & pl.col("caption_id").is_in(list(captions))


def _items(
    snapshot: Snapshot, rules: Rules, filling: Filling, rows: Rows, draws: Mapping[str, float], weight: float
) -> Iterator[NewItem]:
    golden, blind = list[str](), list[str]()
    for caption_id, caption in rows.captions.items():
        verdict, proxy = rows.verdicts[caption_id], rows.proxies.get(caption.clip_id)
        if proxy is None:
            continue
        if verdict.status == "reviewed":
            if share_of(caption.clip_id, "blind") < filling.blind_share:
                blind.append(caption_id)
        elif verdict.status in filling.statuses:
            yield _real(caption, verdict, proxy, filling, weight)
        elif draws[caption_id] < filling.gold_share and verdict.claims_contradicted == 0:
            golden.append(caption_id)
        elif filling.audit_share:
            yield _real(caption, verdict, proxy, filling, weight)
    for row in _with_evidence(snapshot, rows, golden):
        yield _golden(row, rows, rules)
    for row in _with_evidence(snapshot, rows, blind):
        yield from _blind(row, rows, rules, filling.blind_questions)


def _with_evidence(snapshot: Snapshot, rows: Rows, caption_ids: Sequence[str]) -> Iterator[CaptionedEvidence]:
    captions = [rows.captions[caption_id] for caption_id in caption_ids]
    known = {one.id: one for one in gather.evidence(snapshot, sorted({caption.clip_id for caption in captions}))}
    yield from (CaptionedEvidence(caption, known[caption.clip_id]) for caption in captions)


def _real(caption: Caption, verdict: Verdict, proxy: Proxy, filling: Filling, weight: float) -> NewItem:
    conflicts = len(Record.model_validate_json(caption.record).conflicts)
    worth = value(verdict, conflicts, filling.axes, weight)
    scratch = share_of(caption.clip_id, "scratch") < filling.scratch_share
    several = share_of(caption.clip_id, "overlap") < filling.overlap_share
    mode: Mode = "scratch" if scratch else "triage"
    about = content(caption, proxy, verdict.failed)
    return new_item(mode, about, worth, overlap=filling.overlap if several else 1)


def _golden(row: CaptionedEvidence, rows: Rows, rules: Rules) -> NewItem:
    """Like an audit in all that can be seen of it."""
    made = gold(row, rules)
    about = content(made.caption, rows.proxies[row.caption.clip_id])
    claims = made.caption.claims
    planted = [
        Planted(
            kind=error.kind,
            claim_id=None if error.claim is None else claims[error.claim].claim_id,
            facet=error.facet,
            start_us=error.start_us,
            end_us=error.end_us,
        )
        for error in made.errors
    ]
    return new_item("triage", about, value(rows.verdicts[row.caption.caption_id], 0, {}), planted=planted)


def _blind(row: CaptionedEvidence, rows: Rows, rules: Rules, most: int) -> Iterator[NewItem]:
    """What a person's caption must answer to one who does not see the clip: questions with one right answer."""
    asked = [one for one in questions(row.evidence, rules) if one.options and one.tolerance is None]
    asked.sort(key=lambda one: share_of(one.text, row.caption.caption_id))
    shown = [
        QuestionShown(question_id=f"q{at}", axis=one.axis, text=one.text, options=one.options)
        for at, one in enumerate(asked[:most])
    ]
    if not shown:
        return
    about = content(row.caption, rows.proxies[row.caption.clip_id], questions=shown)
    truths = {f"q{at}": one.truth for at, one in enumerate(asked[:most])}
    yield new_item("blind", about, Value(severity=AUDIT, disagreement=1.0), truths=truths)


def forget(lake: Lake, engine: Engine) -> int:
    """Take out of the queue what was taken down; how many items were in it."""
    return removal.remove(engine, gone(lake))


def collect(lake: Lake, engine: Engine) -> int:
    """Bring what people decided into the table `reviews`; how many decisions were new.

    Nothing of what was taken down meanwhile comes back. UsageError where they are of the captions of another lake.
    """
    forget(lake, engine)
    decided, new = store.decided(engine, collected(engine)), 0
    while batch := list(islice(decided, AT_ONCE)):
        rows = {row.review_id: row for row in map(review, batch)}
        _see_captions(lake, list(rows.values()))
        known = there(lake, list(rows))
        fresh = [row for review_id, row in rows.items() if review_id not in known]
        lake.append("reviews", fresh)
        set_collected(engine, batch[-1].number)
        new += len(fresh)
    return new


def _see_captions(lake: Lake, rows: Sequence[Review]) -> None:
    """One that is lost stops nobody; where all are, it is the wrong lake, and what it took would come into no other."""
    asked = [row.caption_id for row in rows]
    if (
        not lake.scan("captions")
        .filter(pl.col("caption_id").is_in(asked))
        .select("caption_id")
        .head(1)
        .collect()
        .height
    ):
        raise UsageError(
            f"{lake.uri} has none of the captions that people decided on ({len(rows)} decision(s), the first on "
            f"{rows[0].caption_id}): this is the queue of another lake; nothing was collected"
        )


def there(lake: Lake, ids: list[str]) -> set[str]:
    """Which of these reviews the lake has."""
    found = lake.scan("reviews").filter(pl.col("review_id").is_in(ids)).select("review_id").collect()
    return set(found["review_id"])
