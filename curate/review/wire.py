"""What goes between the page, the server and whoever fills and empties the queue.

All of it is validated: requests come from browsers. Times are int64 microseconds of the media, spans half-open; a page
subtracts `Footage.start_us`. Nothing here trusts a clock but the server's.
"""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from schemas.caption import Decision, ErrorKind, Facet, Mode, Origin

STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
MOST_CLAIMS = 2000
MOST_QUESTIONS = 1000

Id = Annotated[str, Field(min_length=1, max_length=300)]
Statement = Annotated[str, Field(max_length=4000)]
Instant = Annotated[int, Field(ge=0)]
Token = Annotated[str, Field(min_length=16, max_length=128)]
Role = Literal["annotator", "reviewer", "admin"]
State = Literal["open", "adjudication", "settled", "withdrawn"]
Status = Literal["unseen", "right", "wrong", "edited", "added"]
Coverage = Literal["covered", "not_applicable"]

FACETS: tuple[Facet, ...] = get_args(Facet)
ERROR_KINDS: tuple[ErrorKind, ...] = get_args(ErrorKind)


class Footage(BaseModel):
    """The review proxy of a clip: constant frame rate, so frame k is shown in [k, k + 1) * den / num seconds."""

    model_config = STRICT
    start_us: Instant
    end_us: Instant
    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]
    frames: Annotated[int, Field(gt=0)]
    rate_num: Annotated[int, Field(gt=0)]  # frames a second: num / den
    rate_den: Annotated[int, Field(gt=0)]
    sound: bool
    still: bool = False


class ClaimShown(BaseModel):
    """A statement of the machine."""

    model_config = STRICT
    claim_id: Id
    facet: Facet
    start_us: Instant
    end_us: Instant
    text: Statement
    origin: Origin
    uncertain: bool = False


class FailedShown(BaseModel):
    """A question of the check that the caption did not answer right: what was measured, what the text says."""

    model_config = STRICT
    axis: str
    question: Statement
    start_us: Instant
    end_us: Instant
    truth: Statement
    answer: Statement | None = None


class QuestionShown(BaseModel):
    """A question for the blind reader, who sees the text alone."""

    model_config = STRICT
    question_id: Id
    axis: str
    text: Statement
    options: tuple[Statement, ...] = ()  # none: a short answer is typed


class Why(BaseModel):
    """One factor of an item's value, in words for a person."""

    model_config = STRICT
    factor: str
    value: float
    words: str


class Content(BaseModel):
    """What an item is about, as it was when the queue was filled; never changed."""

    model_config = STRICT
    clip_id: Id
    caption_id: Id
    captioner: str
    language: str = "en"
    footage: Footage
    claims: Annotated[tuple[ClaimShown, ...], Field(max_length=MOST_CLAIMS)]
    dense: str
    failed: Annotated[tuple[FailedShown, ...], Field(max_length=MOST_QUESTIONS)] = ()
    questions: Annotated[tuple[QuestionShown, ...], Field(max_length=MOST_QUESTIONS)] = ()
    title: str | None = None


class Planted(BaseModel):
    """An error that was put into a gold item on purpose. `claim_id` None: a statement was taken out of it."""

    model_config = STRICT
    kind: str
    claim_id: Id | None
    facet: Facet
    start_us: Instant
    end_us: Instant


class Value(BaseModel):
    """How much it is worth to work on an item: the product of severity, disagreement, weight and age."""

    model_config = STRICT
    severity: Annotated[float, Field(ge=0)]
    disagreement: Annotated[float, Field(ge=0)]
    weight: Annotated[float, Field(ge=0)] = 1.0
    why: tuple[Why, ...] = ()


class NewItem(BaseModel):
    """What fills the queue. `truths`, by question id, and `planted` never leave the server."""

    model_config = STRICT
    item_id: Id
    mode: Mode
    content: Content
    value: Value
    overlap: Annotated[int, Field(ge=1, le=16)] = 1  # annotators who work on it, each without knowing the others
    planted: tuple[Planted, ...] | None = None  # None: not a gold item; (): gold without an error
    truths: dict[str, str] = Field(default_factory=dict)


class ClaimWork(BaseModel):
    """What a person made of one statement. One that was added has an id of the page's making, `+` first."""

    model_config = STRICT
    claim_id: Id
    status: Status
    facet: Facet
    start_us: Instant
    end_us: Instant
    text: Statement
    error_kind: ErrorKind | None = None
    critique: Statement | None = None  # why, in the person's words


class Note(BaseModel):
    """A note made while the clip plays."""

    model_config = STRICT
    at_us: Instant
    text: Statement


class Given(BaseModel):
    """The blind reader's answer; None: cannot tell."""

    model_config = STRICT
    question_id: Id
    answer: Statement | None


class Draft(BaseModel):
    """All that a person has done on an item so far; each save replaces the last."""

    model_config = STRICT
    claims: Annotated[tuple[ClaimWork, ...], Field(max_length=MOST_CLAIMS)] = ()
    facets: dict[Facet, Coverage] = Field(default_factory=dict)
    notes: Annotated[tuple[Note, ...], Field(max_length=MOST_CLAIMS)] = ()
    answers: Annotated[tuple[Given, ...], Field(max_length=MOST_QUESTIONS)] = ()
    whole_plays: Annotated[int, Field(ge=0)] = (
        0  # times the clip was seen and heard from end to end, at speed 1 or less
    )
    active_ms: Annotated[int, Field(ge=0)] = 0
    accepted_rest: bool = False  # the statements left were accepted together


class LeaseShown(BaseModel):
    """The right to write, until it ends. Each write carries the token; `fence` grows with each lease of the item."""

    model_config = STRICT
    token: Token
    fence: int
    left_ms: int  # counted by the server
    beat_ms: int  # how often the page says that it is alive


class ItemShown(BaseModel):
    """An item as its mode lets a person see it: from scratch, claims and prose are withheld until submitted."""

    model_config = STRICT
    item_id: Id
    mode: Mode
    phase: Literal["work", "scratch", "merge", "blind", "adjudicate"]
    content: Content
    why: tuple[Why, ...]
    worth: float
    others: tuple[Draft, ...] = ()  # what annotators submitted, for an adjudicator alone


class Work(BaseModel):
    """An item that was claimed."""

    model_config = STRICT
    item: ItemShown
    lease: LeaseShown
    draft: Draft | None  # of the same person, from before
    seq: int  # of that draft; the page's next save has a higher one


class Saving(BaseModel):
    model_config = STRICT
    token: Token
    seq: Annotated[int, Field(ge=0)]
    draft: Draft


class Submitting(BaseModel):
    model_config = STRICT
    token: Token
    draft: Draft
    decision: Decision = "caption"
    reason: Statement | None = None  # of a rejection


class Releasing(BaseModel):
    """Give an item back, for a reason that the next one may read."""

    model_config = STRICT
    token: Token
    reason: Annotated[str, Field(min_length=1, max_length=400)]


class Beating(BaseModel):
    model_config = STRICT
    token: Token


class Submitted(BaseModel):
    """`state` of the item after it; `blind` scores of a blind reading, `next_phase` where the work goes on."""

    model_config = STRICT
    revision: int
    state: State
    next_phase: Literal["merge"] | None = None
    right: int | None = None
    asked: int | None = None


class Problem(BaseModel):
    """Why a request was refused. `missing`: what a submit lacks; `kept`: the orphan revision of a late write."""

    model_config = STRICT
    error: str
    missing: tuple[str, ...] = ()
    kept: int | None = None


class Decided(BaseModel):
    """What people came to about one item: one row of `reviews`, and one caption of origin `human`."""

    model_config = STRICT
    number: int  # grows with each decision: where to go on
    item_id: Id
    revision: int
    mode: Mode
    decision: Decision
    reason: Statement | None
    settled_by: Literal["one", "agreement", "adjudication"]
    reviewers: tuple[str, ...]
    content: Content
    claims: tuple[ClaimWork, ...]
    notes: tuple[Note, ...]
    started_us: Instant
    submitted_us: Instant
    active_ms: int
    accepted_rest: bool = False  # `unseen` claims stand: they were accepted together (or read blind, without the clip)


class LoggingIn(BaseModel):
    model_config = STRICT
    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[str, Field(max_length=1000, repr=False)]


class Me(BaseModel):
    """Who is logged in. `waiting`: how many items wait, counted up to 1000; `reviewing`: for a reviewer."""

    model_config = STRICT
    name: str
    role: Role
    csrf: str
    waiting: int
    reviewing: int = 0


class Wanted(BaseModel):
    """Which work is wanted: an annotator's (None), or an adjudicator's."""

    model_config = STRICT
    phase: Literal["adjudicate"] | None = None


class Saved(BaseModel):
    """The `seq` of the draft that is kept: higher than the one sent where that came out of order."""

    model_config = STRICT
    seq: int


class ItemRow(BaseModel):
    """An item in the list of reviewers."""

    model_config = STRICT
    item_id: Id
    clip_id: Id
    captioner: str
    mode: Mode
    kind: str | None  # the axis of the first question that failed
    state: State
    overlap: int
    worth: float
    added_us: Instant
    why: tuple[Why, ...]


class ItemPage(BaseModel):
    """A page of the list, most worth first. `after`: the cursor of the next one; None: this is the last."""

    model_config = STRICT
    items: tuple[ItemRow, ...]
    after: str | None


class RevisionShown(BaseModel):
    """What somebody submitted, or what came too late (`orphan`)."""

    model_config = STRICT
    revision: int
    user: str
    kind: Literal["scratch", "work", "merge", "blind", "adjudicate", "orphan"]
    draft: Draft
    decision: Decision | None
    reason: str | None
    started_us: Instant
    submitted_us: Instant
    undone: bool
    right: int | None
    asked: int | None


class ItemStory(BaseModel):
    """An item with all its revisions, for reviewers."""

    model_config = STRICT
    item: ItemRow
    content: Content
    revisions: tuple[RevisionShown, ...]
    given_back: tuple[str, ...]  # why, oldest first
    settled_by: Literal["one", "agreement", "adjudication"] | None
    decided_revision: int | None


class NewUser(BaseModel):
    """An account, made or changed. `password` None: as it was; a new one then comes by the trusted proxy alone."""

    model_config = STRICT
    name: Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,98}[^\s\x00-\x1f\x7f])?$")]
    role: Role
    password: Annotated[str | None, Field(min_length=10, max_length=1000, repr=False)] = None
    active: bool = True


class UserShown(BaseModel):
    model_config = STRICT
    name: str
    role: Role
    active: bool
    local: bool  # has a password here
    created_us: Instant


class UserList(BaseModel):
    model_config = STRICT
    users: tuple[UserShown, ...]


class AuditEntry(BaseModel):
    """One link of the chain."""

    model_config = STRICT
    number: int
    at_us: Instant
    who: str
    what: str
    item_id: str | None
    detail: str  # JSON
    before: str
    hash: str


class AuditPage(BaseModel):
    """A part of the chain, oldest first. `after`: where the next one goes on; None: this is the end."""

    model_config = STRICT
    entries: tuple[AuditEntry, ...]
    after: int | None
