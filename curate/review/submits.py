"""What people submitted, beside what they were shown, for statistics."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Engine, select

from curate.review.agreement import plain
from curate.review.database import reading
from curate.review.measures import word_edits
from curate.review.settle import ENDS
from curate.review.tables import CONTENTS, ITEMS, REVISIONS, TRUTHS
from curate.review.wire import ClaimWork, Content, Draft, Planted

_PLANTED = TypeAdapter(tuple[Planted, ...])


@dataclass(frozen=True, slots=True)
class Submit:
    """A revision that counts, with its item."""

    revision: int
    item_id: str
    person: str
    kind: str
    captioner: str
    decision: str
    draft: Draft
    content: Content
    planted: tuple[Planted, ...] | None
    right: int | None
    asked: int | None
    active_ms: int  # as the page says, but no longer than it lasted
    submitted_us: int

    @property
    def gold(self) -> bool:
        return self.planted is not None


@dataclass(frozen=True, slots=True)
class Tried:
    """A planted error that somebody could find."""

    kind: str
    found: bool


def newest(engine: Engine, last: int) -> list[Submit]:
    """The `last` submits that were not taken back, newest first."""
    statement = (
        select(REVISIONS, ITEMS.c.captioner, CONTENTS.c.content, TRUTHS.c.planted)
        .join(ITEMS, ITEMS.c.item_id == REVISIONS.c.item_id)
        .join(CONTENTS, CONTENTS.c.item_id == REVISIONS.c.item_id)
        .outerjoin(TRUTHS, TRUTHS.c.item_id == REVISIONS.c.item_id)
        .where(REVISIONS.c.kind.in_((*ENDS, "adjudicate")), REVISIONS.c.undone_us.is_(None))
        .order_by(REVISIONS.c.revision.desc())
        .limit(last)
    )
    with reading(engine) as connection:
        rows = connection.execute(statement).all()
    return [
        Submit(
            revision=row.revision, item_id=row.item_id, person=row.user_name, kind=row.kind, captioner=row.captioner,
            decision=row.decision, draft=Draft.model_validate_json(row.draft),
            content=Content.model_validate_json(row.content),
            planted=None if row.planted is None else _PLANTED.validate_json(row.planted), right=row.right,
            asked=row.asked, active_ms=min(row.active_ms, (row.submitted_us - row.started_us) // 1000),
            submitted_us=row.submitted_us,
        )
        for row in rows
    ]  # fmt: skip


def judged(sub: Submit) -> Iterator[ClaimWork]:
    """Statements of the machine on which this person said something."""
    yield from (work for work in sub.draft.claims if work.status in ("right", "wrong", "edited"))


def changed_words(sub: Submit) -> int:
    """Words put in, taken out or replaced, over all statements."""
    before = {claim.claim_id: claim.text for claim in sub.content.claims}
    return sum(_edits(work, before.get(work.claim_id, "")) for work in sub.draft.claims)


def tried(sub: Submit) -> Iterator[Tried]:
    """Which planted errors were found: judged wrong or put in other words; what was taken out, told in its time."""
    if sub.kind not in ("work", "merge") or sub.decision == "reject":
        return
    works = {work.claim_id: work for work in sub.draft.claims}
    for error in sub.planted or ():
        if error.claim_id is None:
            yield Tried(error.kind, any(_tells(work, error) for work in sub.draft.claims))
        else:
            work = works.get(error.claim_id)
            yield Tried(error.kind, work is not None and work.status in ("wrong", "edited"))


def _tells(work: ClaimWork, error: Planted) -> bool:
    near = work.start_us <= error.end_us and error.start_us <= work.end_us
    return work.status == "added" and work.facet == error.facet and near


def _edits(work: ClaimWork, before: str) -> int:
    if work.status in ("right", "unseen"):
        return 0
    return word_edits(plain(before).split(), [] if work.status == "wrong" else plain(work.text).split())
