"""The reverse test by one who sees: claims that no measurement can judge, held against what is shown of their span."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from captioners.asking import Ask, Reply, Sampling
from captioners.asking.model import Model
from captioners.check.bank import Rules
from captioners.check.examine import court_of
from captioners.check.heard import Heard, Query, heard
from captioners.check.judge import judge
from captioners.evidence import SeenCaption
from captioners.prompt import AGAIN, prompt
from captioners.seeing.answer import Wrong
from captioners.seeing.look import LookAt, Showing, Shown, Viewing
from captioners.seeing.profile import Sight
from captioners.seeing.window import Window, around
from captioners.vlm import few_ahead, sight_of
from curate.errors import RecipeError
from curate.media.limits import GIB, Limits
from curate.media.pool import Pool
from curate.stage import Outcome, Run, operational
from schemas.caption import Claim
from schemas.testimony import Finding, Testimony, Witnessed
from schemas.trace import Failure


class _Judged(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    why: Annotated[str, Field(min_length=1, max_length=200)]
    finding: Finding


@dataclass(frozen=True)
class Witness:
    """Ask a model that sees whether the claims of a caption are so, where the evidence does not say.

    Those of one span are judged together, from what is shown of it and `margin_s` more on both sides.
    """

    model: Model
    profile: str  # one of PROFILES
    sight: Sight = field(default_factory=Sight)
    prompt: str = "witness.v1"  # of captioners/prompts, or the path of a file
    prompt_sha256: str | None = None  # of that file
    sampling: Sampling = field(default_factory=Sampling)
    margin_s: float = 0.5  # that is shown before and after a span
    asked_together: int = 12  # claims that are put to the model at once
    rules: Rules = field(default_factory=Rules)  # by which the evidence judges: those of [check]
    children: int = operational(2)  # processes that decode, of each worker
    captions_together: int = operational(8)
    decode_limits: Limits = operational(Limits(memory_bytes=3 * GIB, deadline_s=60.0, deadline_per_media_s=4.0))

    name: ClassVar[str] = "witness"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = SeenCaption
    gives: ClassVar[type] = Testimony

    def __post_init__(self) -> None:
        object.__setattr__(self, "sight", sight_of(self.name, self.model, self.profile, self.sight))
        if self.margin_s <= 0 or self.asked_together < 1:
            raise RecipeError(f"witness: {self.margin_s=} is not more than 0, or {self.asked_together=} less than 1")
        few_ahead(f"{self.name}.children", self.children)
        few_ahead(f"{self.name}.captions_together", self.captions_together)

    def open(self) -> Run[SeenCaption, Testimony]:
        looking = Pool(LookAt(self.sight), self.decode_limits, self.children)
        engine = self.model.open()

        def run(rows: Iterable[SeenCaption]) -> Iterator[Outcome[Testimony]]:
            left = iter(rows)
            while some := tuple(islice(left, self.captions_together)):  # so few that their media are still there
                yield from _Hearing(self, looking, engine).of(some)

        return run

    @property
    def prompt_hash(self) -> str:
        """Of all words that do not depend on the caption."""
        words = (
            prompt(self.prompt, self.prompt_sha256).text,
            prompt(AGAIN).text,
            json.dumps(_Judged.model_json_schema()),
        )
        return hashlib.sha256("\n".join(words).encode()).hexdigest()


@dataclass
class _Statement:
    """What becomes of one caption: its findings so far, in any order."""

    row: SeenCaption
    spans: dict[Window, list[Claim]]
    findings: list[Witnessed] = field(default_factory=list)
    failure: Failure | None = None
    tokens_in: int = 0
    tokens_out: int = 0


class _Hearing:
    """The claims of a few captions, judged at once."""

    def __init__(self, stage: Witness, looking: Run[Viewing, Showing], engine: Run[Ask, Reply]) -> None:
        self._stage, self._looking, self._engine = stage, looking, engine
        self._asked: dict[str, tuple[_Statement, tuple[Claim, ...], Shown]] = {}

    def of(self, rows: Iterable[SeenCaption]) -> Iterator[Outcome[Testimony]]:
        """One outcome for each caption, in order."""
        said = {row.id: _Statement(row, spans(row, self._stage)) for row in rows}
        for outcome in heard(self._engine, self._queries(said), prompt(AGAIN)):
            self._hear(outcome)
        for one in said.values():
            yield Outcome(one.row.id, () if one.failure else (testimony(self._stage, one),), one.failure)

    def _queries(self, said: dict[str, _Statement]) -> Iterator[Query[tuple[_Judged, ...]]]:
        asked = (one for one in said.values() if one.spans)
        for showing in self._looking(Viewing(one.row.id, one.row.clip_file, tuple(one.spans)) for one in asked):
            one = said[showing.input_id]
            if showing.failure is not None:
                one.failure = showing.failure
                continue
            for index, (shown, claims) in enumerate(zip(showing.rows[0].windows, one.spans.values(), strict=True)):
                for start in range(0, len(claims), self._stage.asked_together):
                    some = tuple(claims[start : start + self._stage.asked_together])
                    key = f"{one.row.id}.{index}.{start}"
                    self._asked[key] = (one, some, shown)
                    yield Query(self._ask(key, one.row, shown, some), partial(_read, count=len(some)))

    def _ask(self, key: str, row: SeenCaption, shown: Shown, claims: tuple[Claim, ...]) -> Ask:
        clip, window, stage = row.evidence.clip, shown.window, self._stage
        words = prompt(stage.prompt, stage.prompt_sha256).render(
            still=clip.still,
            hears=bool(stage.sight.sound),
            start_s=(window.start_us - clip.start_us) / 1e6,
            end_s=(window.end_us - clip.start_us) / 1e6,
            claims=[claim.text for claim in claims],
        )
        return Ask(key, (*shown.parts, words), None, _schema(len(claims)), stage.sampling)

    def _hear(self, outcome: Outcome[Heard[tuple[_Judged, ...]]]) -> None:
        one, claims, shown = self._asked.pop(outcome.input_id)
        if outcome.failure is not None:
            one.failure = one.failure or outcome.failure
        for answer in outcome.rows:
            one.tokens_in += answer.tokens_in
            one.tokens_out += answer.tokens_out
            for claim, judged in zip(claims, answer.said, strict=True):
                span = (shown.window.start_us, shown.window.end_us, shown.frames_us)
                one.findings.append(Witnessed(claim.claim_id, judged.finding, judged.why, *span))


def spans(row: SeenCaption, stage: Witness) -> dict[Window, list[Claim]]:
    """The claims that the evidence does not judge, by the window that shows their span and a little more."""
    court, clip = court_of(row.caption, row.evidence, stage.rules), row.evidence.clip
    found: dict[Window, list[Claim]] = {}
    for claim in row.caption.claims:
        if judge(court, claim.text) == "unverifiable":
            window = around(clip, stage.sight, claim.start_us, claim.end_us, stage.margin_s)
            found.setdefault(window, []).append(claim)
    return found


def testimony(stage: Witness, one: _Statement) -> Testimony:
    """The row of one caption, its findings in the order of its claims."""
    caption, model = one.row.caption, stage.model
    order = {claim.claim_id: at for at, claim in enumerate(caption.claims)}
    return Testimony(
        caption_id=caption.caption_id,
        clip_id=caption.clip_id,
        findings=tuple(sorted(one.findings, key=lambda found: order[found.claim_id])),
        model=model.name,
        revision=model.revision,
        engine=model.engine,
        profile=stage.profile,
        prompt=stage.prompt,
        prompt_hash=stage.prompt_hash,
        sampling=json.dumps(dataclasses.asdict(stage.sampling), sort_keys=True),
        tokens_in=one.tokens_in,
        tokens_out=one.tokens_out,
    )


def _schema(count: int) -> str:
    judged = {
        "type": "object",
        "properties": {
            "why": {"type": "string", "minLength": 1, "maxLength": 200},
            "finding": {"enum": ["supported", "contradicted", "unverifiable"]},
        },
        "required": ["why", "finding"],
        "additionalProperties": False,
    }
    claims = {f"c{at}": judged for at in range(1, count + 1)}
    tree = {"type": "object", "properties": claims, "required": list(claims), "additionalProperties": False}
    return json.dumps(tree, separators=(",", ":"))


def _read(text: str, count: int) -> tuple[_Judged, ...]:
    names = [f"c{at}" for at in range(1, count + 1)]
    try:
        said = json.loads(text, strict=False)
        if not isinstance(said, dict) or set(said) != set(names):
            raise Wrong(f"it must have the keys {', '.join(names)} and no other")
        return tuple(_Judged.model_validate(said[name]) for name in names)
    except ValidationError as error:
        raise Wrong("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])) from error
    except ValueError as error:
        raise Wrong(f"it is not JSON: {error}") from error
