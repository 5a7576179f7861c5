"""The queue is filled from a lake, and what people decide comes back, once."""

import dataclasses
import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, select

from captioners.check import Check, Rules
from captioners.evidence import CaptionedEvidence
from curate.errors import UsageError
from curate.review import store
from curate.review.accounts import set_user
from curate.review.claim import claim as next_work
from curate.review.database import open_database, reading
from curate.review.decisions import review
from curate.review.desk import Desk, Person, server_clock
from curate.review.filling import Filling
from curate.review.held import held
from curate.review.policy import Policy
from curate.review.submit import submit
from curate.review.tables import CONTENTS, ITEMS, TRUTHS
from curate.review.wire import FACETS, ClaimWork, Content, Decided, Draft, NewUser, Submitting, Work
from curate.storage.lake import Lake, open_lake
from jobs.job import Snapshot
from jobs.queue import collect, fill, wanted
from jobs.takedown import takedown
from schemas.caption import Caption, Review, Status, Verdict
from tests.captioners.evidences import captioned, media, random_evidence
from tests.care.world import make_lake, media_of, put, source_of
from tests.jobs.test_cli import retold
from tests.review.made import new_item, work_done
from tests.review.rows import proxy

CLIPS = 40
TABLES = ("media", "clips", "scores", "sounds", "texts", "captions", "verdicts", "proxies")
ALL = Filling(audit_share=1.0, gold_share=1.0, blind_share=1.0, overlap_share=0.5, scratch_share=0.2)


def _status(at: int) -> Status:
    return "flagged" if at % 4 == 0 else "reviewed" if at % 4 == 1 else "pass"


@pytest.fixture(scope="module")
def rows() -> Mapping[str, CaptionedEvidence]:
    made = [captioned(random_evidence(seed)) for seed in range(CLIPS)]
    return {row.caption.caption_id: row for row in made}


@pytest.fixture(scope="module")
def snapshot(rows: Mapping[str, CaptionedEvidence], tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lake = open_lake(str(tmp_path_factory.mktemp("queue") / "lake"), {})
    lake.create()
    evidence = {row.evidence.id: row.evidence for row in rows.values()}
    put(lake, "media", {"source": [media()]})
    put(lake, "clips", {"media": [one.clip for one in evidence.values()]})
    put(lake, "scores", {clip: list(one.scores) for clip, one in evidence.items() if one.scores})
    put(lake, "sounds", {clip: list(one.sounds) for clip, one in evidence.items() if one.sounds})
    put(lake, "texts", {clip: list(one.texts) for clip, one in evidence.items() if one.texts})
    put(lake, "captions", {row.evidence.id: [row.caption] for row in rows.values()})
    put(lake, "verdicts", {one: [_verdict(row, at)] for at, (one, row) in enumerate(rows.items())})
    shown = list(evidence.values())[:-1]
    put(lake, "proxies", {one.id: [proxy(one.clip)] for one in shown})
    return Snapshot(lake, {table: f"f-{table}" for table in TABLES})


def _verdict(row: CaptionedEvidence, at: int) -> Verdict:
    (outcome,) = Check().open()([row])
    return dataclasses.replace(outcome.rows[0], status=_status(at))


@pytest.fixture
def queue(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'queue.sqlite'}")


def _contents(queue: Engine, gold: bool, mode: str | None = None) -> list[Content]:
    found = select(CONTENTS.c.content).join(ITEMS, ITEMS.c.item_id == CONTENTS.c.item_id).where(ITEMS.c.gold == gold)
    found = found if mode is None else found.where(ITEMS.c.mode == mode)
    with reading(queue) as connection:
        return [Content.model_validate_json(text) for text in connection.execute(found).scalars()]


def test_what_failed_goes_in_and_a_share_of_the_rest(snapshot: Snapshot, queue: Engine) -> None:
    filled = fill(snapshot, Rules(), ALL, queue)
    assert filled.wanted == CLIPS
    assert filled.unshown == 1
    assert len(_contents(queue, gold=True)) >= CLIPS // 2 - 2
    assert len(_contents(queue, gold=False, mode="blind")) >= CLIPS // 4 - 2
    assert fill(snapshot, Rules(), ALL, queue).added == 0  # the same again is no work


def test_only_what_failed_goes_in_where_nothing_else_is_asked_for(
    snapshot: Snapshot, queue: Engine, rows: Mapping[str, CaptionedEvidence]
) -> None:
    fill(snapshot, Rules(), Filling(audit_share=0, gold_share=0, blind_share=0), queue)
    flagged = {one for at, one in enumerate(rows) if _status(at) == "flagged"}
    assert {one.caption_id for one in _contents(queue, gold=False)} == flagged


def test_nothing_that_can_be_seen_tells_gold_from_an_audit(snapshot: Snapshot, queue: Engine, tmp_path: Path) -> None:
    plain = dataclasses.replace(ALL, overlap_share=0.0, scratch_share=0.0)
    fill(snapshot, Rules(), plain, queue)
    fill(
        snapshot, Rules(), dataclasses.replace(plain, gold_share=0.0), other := open_database(f"sqlite:///{tmp_path}/o")
    )
    audits = {one.caption_id: one for one in _contents(other, gold=False, mode="triage") if not one.failed}
    golden = {one.caption_id: one for one in _contents(queue, gold=True)}
    differing = 0
    for caption_id in audits.keys() & golden.keys():
        audit, gold = audits[caption_id], golden[caption_id]
        assert not gold.failed
        assert (audit.footage, audit.captioner, audit.language) == (gold.footage, gold.captioner, gold.language)
        differing += audit.claims != gold.claims
    assert differing > 10
    with reading(queue) as connection:
        planted = connection.execute(select(TRUTHS.c.planted).where(TRUTHS.c.planted.is_not(None))).scalars().all()
    assert sum(bool(json.loads(text)) for text in planted) >= differing


def test_nobody_meets_a_clip_as_gold_and_as_an_audit(snapshot: Snapshot, queue: Engine) -> None:
    """The same clip twice, with one statement that differs, tells which of the two is gold."""
    fill(snapshot, Rules(), Filling(statuses=(), audit_share=0.5, gold_share=0.5, blind_share=0.0), queue)
    audits, golden = ({one.clip_id for one in _contents(queue, gold=gold)} for gold in (False, True))
    assert audits
    assert golden
    assert not audits & golden


def test_a_blind_reader_is_asked_what_has_one_right_answer(snapshot: Snapshot, queue: Engine) -> None:
    fill(snapshot, Rules(), ALL, queue)
    asked = _contents(queue, gold=False, mode="blind")
    assert all(question.options for one in asked for question in one.questions)
    with reading(queue) as connection:
        texts = connection.execute(select(TRUTHS.c.truths).where(TRUTHS.c.truths != "{}")).scalars().all()
    assert len(texts) == len(asked)


def _decide(work: Work, desk: Desk, person: Person) -> None:
    """The first statement is false, the second is put in other words, the rest is so."""
    claims = []
    for at, claim in enumerate(work.item.content.claims):
        status = ("wrong", "edited")[at] if at < 2 else "right"
        claims.append(
            ClaimWork(
                claim_id=claim.claim_id, status=status, facet=claim.facet, start_us=claim.start_us,
                end_us=claim.end_us, text="In other words." if at == 1 else claim.text,
                error_kind="other" if at < 2 else None,
            )
        )  # fmt: skip
    facets = {claim.facet: "covered" for claim in claims}
    draft = Draft(
        claims=tuple(claims), whole_plays=2, active_ms=1000,
        facets={facet: facets.get(facet, "not_applicable") for facet in FACETS},
    )  # fmt: skip
    submit(desk, person, work.item.item_id, Submitting(token=work.lease.token, draft=draft))


def test_decisions_come_into_the_lake_once(snapshot: Snapshot, queue: Engine) -> None:
    filling = Filling(audit_share=0, gold_share=0, blind_share=0, overlap_share=0, scratch_share=0)
    filled = fill(snapshot, Rules(), filling, queue)
    slow = count(server_clock(), 20_000_000).__next__  # nobody judges a clip faster than it plays
    set_user(queue, NewUser(name="ann", role="annotator"))
    desk, ann = Desk(queue, Policy(second_look=0.0), slow), Person("ann", "annotator")
    while (work := next_work(desk, ann)) is not None:
        _decide(work, desk, ann)
    lake: Lake = snapshot.lake
    assert collect(lake, queue) == filled.added > 5
    assert collect(lake, queue) == 0
    found = list(lake.rows("reviews", Review))
    assert len({one.review_id for one in found}) == len(found) == filled.added
    for one in found:
        assert [judged.after for judged in one.judgements[:2]] == [None, "In other words."]
        assert one.reviewers == ("ann",)


def test_what_was_taken_down_leaves_the_queue_and_never_comes_back(tmp_path: Path, queue: Engine) -> None:
    lake = make_lake(str(tmp_path / "lake"))
    clips = {name: f"{media_of(name)}/{0:012d}-{9:012d}" for name in ("two", "three")}
    items = [new_item(f"{name}-{n}", clip_id=clip) for name, clip in clips.items() for n in range(2)]
    told = {one.item_id: {"caption_id": f"caption-{one.content.clip_id}"} for one in items}
    real = [one.model_copy(update={"content": one.content.model_copy(update=told[one.item_id])}) for one in items]
    store.add(queue, real)
    slow = count(server_clock(), 20_000_000).__next__
    set_user(queue, NewUser(name="ann", role="annotator"))
    desk, ann = Desk(queue, Policy(second_look=0.0), slow), Person("ann", "annotator")
    for _ in range(3):  # two of one, one of the other
        work = next_work(desk, ann)
        assert work is not None
        sent = Submitting(token=work.lease.token, draft=work_done())
        submit(desk, ann, work.item.item_id, sent)
    takedown(lake, [source_of("two")])
    assert collect(lake, queue) in (1, 2)
    assert {row.clip_id for row in lake.rows("reviews", Review)}.isdisjoint({clips["two"]})
    left = [work.item.item_id] if (work := next_work(desk, ann)) is not None else []
    assert not any(one.startswith("two") for one in left)


def test_what_people_decided_on_is_asked_of_nobody_again(snapshot: Snapshot, queue: Engine, tmp_path: Path) -> None:
    """Another captioner, or a repair, makes one more caption of a clip: what a person said stands for it too."""
    asked = wanted(snapshot, ALL).filter(pl.col("status") != "reviewed")
    (one, *_) = _contents_of(snapshot, tmp_path)
    decided = Decided(
        number=1, item_id="an item", revision=1, mode="triage", decision="caption", reason=None, settled_by="one",
        reviewers=("ann",), content=one.model_copy(update={"caption_id": "another"}), claims=(), notes=(),
        started_us=1, submitted_us=2, active_ms=3,
    )  # fmt: skip
    blind = decided.model_copy(update={"mode": "blind", "item_id": "read"})
    snapshot.lake.append("reviews", [review(blind)])
    assert wanted(snapshot, ALL).filter(pl.col("status") != "reviewed").height == asked.height
    snapshot.lake.append("reviews", [review(decided)])
    left = wanted(snapshot, ALL).filter(pl.col("status") != "reviewed")
    assert set(asked["clip_id"]) - set(left["clip_id"]) == {one.clip_id}


def _contents_of(snapshot: Snapshot, folder: Path) -> list[Content]:
    """Items of clips that nobody has decided on."""
    fresh = open_database(f"sqlite:///{folder / 'fresh.sqlite'}")
    fill(snapshot, Rules(), Filling(audit_share=1.0, gold_share=0.0, blind_share=0.0), fresh)
    return _contents(fresh, gold=False, mode="triage")


def test_the_queue_of_another_lake_is_not_emptied_into_this_one(
    snapshot: Snapshot, queue: Engine, tmp_path: Path
) -> None:
    store.add(queue, [new_item("a")])
    set_user(queue, NewUser(name="ann", role="annotator"))
    desk, ann = (
        Desk(queue, Policy(second_look=0.0), count(server_clock(), 20_000_000).__next__),
        Person("ann", "annotator"),
    )
    work = next_work(desk, ann)
    assert work is not None
    submit(desk, ann, "a", Submitting(token=work.lease.token, draft=work_done()))
    with pytest.raises(UsageError, match="another lake"):
        collect(snapshot.lake, queue)
    mine = open_lake(str(tmp_path / "mine"), {})
    mine.create()
    row = next(iter(snapshot.lake.rows("captions", Caption)))
    put(mine, "captions", {"clip": [dataclasses.replace(row, caption_id=work.item.content.caption_id)]})
    assert collect(mine, queue) == 1


def test_the_command_of_a_takedown_reaches_the_queue_beside_the_lake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = make_lake(str(tmp_path / "lake"))
    argv = ("takedown", "--lake", lake.uri, "--yes", "--json")
    code, said, _ = retold(capsys, *argv, "https://example.org/four")
    assert (code, len(said.splitlines())) == (0, 1)  # there is no queue, and none is made
    assert not list(tmp_path.glob("*.sqlite"))
    beside = open_database(f"sqlite:///{lake.uri}-review.sqlite")
    store.add(beside, [new_item(name, clip_id=f"{media_of(name)}/0-9") for name in ("two", "three")])
    code, said, _ = retold(capsys, *argv, "https://example.org/two")
    assert (code, json.loads(said.splitlines()[-1])) == (0, {"what": "withdrawn", "items": 1})
    assert [one.item_id for one in held(beside)] == ["three"]
