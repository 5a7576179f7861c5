"""Prose by a text-only model: the statements of a caption in other words, each sentence held against those it tells."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from captioners.asking import Ask, Reply, Sampling
from captioners.asking.model import Model
from captioners.faithful import added, tells
from captioners.prompt import prompt
from captioners.record import Record
from captioners.render.draft import Draft, Piece
from schemas.caption import Phrased, Phrasing

_STRICT = ConfigDict(frozen=True, extra="forbid")
MOST = 200
"""Statements that are given to a model; the others are told in the words of the house."""


class _Sentence(BaseModel):
    model_config = _STRICT
    text: Annotated[str, Field(min_length=1, max_length=800)]
    of: Annotated[tuple[Annotated[int, Field(ge=1, le=MOST)], ...], Field(min_length=1, max_length=6)]


class _Prose(BaseModel):
    model_config = _STRICT
    sentences: Annotated[tuple[_Sentence, ...], Field(max_length=MOST)]


@cache
def _schema() -> str:
    tree = _Prose.model_json_schema()
    for node in (tree, *tree["$defs"].values()):
        node.pop("title", None)
        for body in node["properties"].values():
            body.pop("title", None)
    return json.dumps(tree, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text-only model that puts the dense prose of captions in other words; what it adds is not taken."""

    model: Model
    prompt: str = "phrase.v1"  # of captioners/prompts, or the path of a file
    prompt_sha256: str | None = None  # of that file
    sampling: Sampling = field(default_factory=Sampling)

    def ask(self, clip_id: str, record: Record, draft: Draft) -> Ask:
        """What is asked about one caption."""
        words = prompt(self.prompt, self.prompt_sha256).render(
            still=record.still, statements=[piece.text for piece in statements(draft)]
        )
        return Ask(clip_id, (words,), None, _schema(), self.sampling)

    def told(self, reply: Reply, draft: Draft) -> tuple[str, Phrasing]:
        """The prose, and what became of each sentence of the model. All that it did not tell is told all the same."""
        sources = statements(draft)
        taken, refused = _taken(reply, [piece.text for piece in sources])
        words = prompt(self.prompt, self.prompt_sha256).text + _schema()
        phrasing = Phrasing(
            model=self.model.name,
            revision=self.model.revision,
            prompt_hash=hashlib.sha256(words.encode()).hexdigest(),
            sampling=json.dumps(dataclasses.asdict(self.sampling), sort_keys=True),
            sentences=tuple(Phrased(one.text, tuple(sources[at - 1].text for at in one.of)) for one in taken),
            refused=tuple(refused),
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
        )
        return _prose(draft, sources, taken), phrasing


def carried(phrasing: Phrasing, draft: Draft, doubted: frozenset[str] = frozenset()) -> tuple[str, Phrasing] | None:
    """The prose of a caption that was put right, with the sentences of which all statements are still the same.

    None where there is no such sentence. `doubted` ones are not among them.
    """
    sources = statements(draft)
    places = {piece.text: at for at, piece in enumerate(sources, 1)}
    kept = [one for one in phrasing.sentences if one.text not in doubted and all(t in places for t in one.statements)]
    if not kept:
        return None
    taken = [_Sentence(text=one.text, of=tuple(places[text] for text in one.statements)) for one in kept]
    return _prose(draft, sources, taken), dataclasses.replace(
        phrasing, sentences=tuple(kept), refused=(), tokens_in=0, tokens_out=0
    )


def statements(draft: Draft) -> list[Piece]:
    """What a model is given: all but lists of single words, whose times it would only copy."""
    return [piece for piece in draft.pieces if piece.topic != "words"][:MOST]


def _taken(reply: Reply, sources: Sequence[str]) -> tuple[list[_Sentence], list[str]]:
    """The sentences that are faithful, and of the others why they are not."""
    if not reply.whole:
        return [], [f"cut off after {reply.tokens_out} tokens"]
    try:
        prose = _Prose.model_validate(json.loads(reply.text, strict=False))
    except ValidationError as error:
        return [], [f"not what was asked for: {error.errors()[0]['msg']}"]
    except ValueError as error:
        return [], [f"not JSON: {error}"]
    taken, refused, told = list[_Sentence](), list[str](), set[int]()
    for sentence in prose.sentences:
        fault = _fault(sentence, sources, told)
        if fault is None:
            taken.append(sentence)
            told.update(sentence.of)
        else:
            refused.append(f"{fault}: {sentence.text}")
    return taken, refused


def _fault(sentence: _Sentence, sources: Sequence[str], told: set[int]) -> str | None:
    unknown = [at for at in sentence.of if at > len(sources)]
    if unknown:
        return f"there is no statement {unknown[0]}"
    if told & set(sentence.of):
        return "told before"
    own = [sources[at - 1] for at in sentence.of]
    fault = added(sentence.text, own)
    if fault is not None:
        return f"not in its statements: {fault}"
    left_out = next((source for source in own if not tells(sentence.text, source)), None)
    return None if left_out is None else f"leaves out of {left_out!r}"


def _prose(draft: Draft, sources: Sequence[Piece], taken: Sequence[_Sentence]) -> str:
    """The draft, with each sentence in the place of the first statement that it tells, and none of the others."""
    at = {id(sources[min(sentence.of) - 1]): sentence for sentence in taken}
    gone = {id(sources[number - 1]) for sentence in taken for number in sentence.of}
    pieces = []
    for piece in draft.pieces:
        if id(piece) in at:
            pieces.append(dataclasses.replace(piece, text=at[id(piece)].text))
        elif id(piece) not in gone:
            pieces.append(piece)
    return draft.join(pieces)
