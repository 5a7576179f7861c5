"""Statistics as the server tells them."""

from pydantic import BaseModel

from curate.review.wire import STRICT, Id


class PersonFigures(BaseModel):
    """What one person did. Shares are of what was asked; `_low`, `_high`: their 95 % intervals."""

    model_config = STRICT
    person: str
    items: int
    items_per_hour: float | None
    seconds_per_claim: float | None
    words_changed: float  # of an item, in the mean
    accepted: float | None  # share of the machine's statements that were found right
    accepted_together: int  # items whose last statements were accepted together
    gold_found: int
    gold_planted: int
    gold_low: float
    gold_high: float
    gold_false_alarms: int  # true statements of gold items that were found wrong
    blind_right: int
    blind_asked: int


class CaptionerFigures(BaseModel):
    """How a captioner did, by what people made of its statements."""

    model_config = STRICT
    captioner: str
    items: int
    statements: int
    accepted: float | None
    words_changed: float
    added: int
    rejected: int
    blind_right: int
    blind_asked: int


class ErrorFigures(BaseModel):
    """How often a captioner made errors of a kind."""

    model_config = STRICT
    captioner: str
    kind: str
    count: int
    of_statements: float | None


class GoldFigures(BaseModel):
    """How many planted errors of a kind a person found; `person` None: all of them."""

    model_config = STRICT
    kind: str
    person: str | None
    planted: int
    found: int
    recall: float
    low: float
    high: float


class PairFigures(BaseModel):
    """How two people agree on statements that both judged: Cohen's kappa, None where chance alone would agree."""

    model_config = STRICT
    one: str
    other: str
    statements: int
    same: float
    kappa: float | None


class BoundaryFigures(BaseModel):
    """Of spans that one of two people changed, the share whose ends lie within so much of each other."""

    model_config = STRICT
    within_ms: int
    spans: int
    same: float


class ItemFigures(BaseModel):
    """What an item took."""

    model_config = STRICT
    item_id: Id
    captioner: str
    people: int
    active_ms: int
    words_changed: float
    wrong: int


class Figures(BaseModel):
    """Statistics over the newest submits: how good the captioners and the judgements are. Nobody is ranked."""

    model_config = STRICT
    submits: int
    oldest_us: int | None
    alpha: float | None  # Krippendorff's, of verdicts on statements
    people: tuple[PersonFigures, ...]
    captioners: tuple[CaptionerFigures, ...]
    errors: tuple[ErrorFigures, ...]
    gold: tuple[GoldFigures, ...]
    pairs: tuple[PairFigures, ...]
    boundaries: tuple[BoundaryFigures, ...]
    items: tuple[ItemFigures, ...]  # those that took longest
