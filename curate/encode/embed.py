"""The stage: from the wordings of a caption to what a text encoder makes of them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from curate.encode.stored import stored
from curate.encode.text_contract import Encoded, TextEncoder, TextModel, text_key
from curate.encode.wording import VARIANTS, Variant, Wordings
from curate.errors import RecipeError
from curate.stage import Heavy, Outcome, Run, operational
from schemas.embedding import Embedding

AT_ONCE = 64
"""Captions whose texts are sorted by length together."""


@dataclass(frozen=True)
class Embed:
    """Encode the texts of captions as a trainer's text encoder reads them: [T, D] of each, without padding.

    `formats` tells a variant in another rendering than the stored one (`captioners.render`); a trainer that gets the
    text as well asks its loader for the same.
    """

    model: TextModel
    variants: tuple[Variant, ...] = VARIANTS  # of each caption, that are encoded
    formats: Mapping[Variant, str] = field(default_factory=dict)  # as in {dense = "ltx2"}
    batch_tokens: int = operational(16_384)  # that the model reads at a time, padding included

    name: ClassVar[str] = "embed"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Wordings
    gives: ClassVar[type] = Embedding

    environment: ClassVar[str] = "models"

    def __post_init__(self) -> None:
        model = self.model
        if not self.variants or len(set(self.variants)) < len(self.variants):
            raise RecipeError(f"embed.variants: one or more, each once, not {self.variants}")
        if odd := set(self.formats) - set(self.variants) | {"none"} & set(self.formats):
            raise RecipeError(f"embed.formats: {min(odd)} is no variant that has a wording here")
        if "@" in model.name or not model.name:
            raise RecipeError(f"embed.model.name: a word without @, not {model.name!r}")
        if model.template.count("{}") != 1:
            raise RecipeError(f"embed.model.template: it has {{}} once, where the text goes, not {model.template!r}")
        if model.max_tokens <= model.drop or model.drop < 0:
            raise RecipeError(f"embed.model: max_tokens {model.max_tokens} is no more than drop {model.drop}")
        if self.batch_tokens < model.max_tokens:
            raise RecipeError(f"embed.batch_tokens: at least max_tokens, {model.max_tokens}, not {self.batch_tokens}")

    def open(self) -> Run[Wordings, Heavy[Embedding]]:
        """Load the weights."""
        from curate.encode.text import TextTransformer  # noqa: PLC0415  torch, where it is used

        return embedding(TextTransformer(self.model, self.batch_tokens, self.formats))


def embedding(encoder: TextEncoder) -> Run[Wordings, Heavy[Embedding]]:
    """The stage with an encoder. The empty text is encoded once."""
    empty: list[Encoded] = []

    def run(rows: Iterable[Wordings]) -> Iterator[Outcome[Heavy[Embedding]]]:
        waiting: list[Wordings] = []
        for row in rows:
            waiting.append(row)
            if len(waiting) == AT_ONCE:
                yield from _made(waiting, encoder, empty)
                waiting = []
        yield from _made(waiting, encoder, empty)

    return run


def _made(rows: list[Wordings], encoder: TextEncoder, empty: list[Encoded]) -> Iterator[Outcome[Heavy[Embedding]]]:
    """Each text once, however many captions have it."""
    told = {text for row in rows for _, text in row.texts}
    if "" in told and not empty:
        empty += encoder.encode([""])
    texts = sorted(told - {""})
    found = dict(zip(texts, encoder.encode(texts), strict=True)) if texts else {}
    found |= zip([""], empty, strict=False)
    for text, encoded in found.items():
        _sound(text, encoded, encoder)
    for row in rows:
        made = (_row(row, variant, text, found[text], encoder) for variant, text in row.texts)
        yield Outcome(row.caption_id, tuple(made))


def _row(row: Wordings, variant: Variant, text: str, encoded: Encoded, encoder: TextEncoder) -> Heavy[Embedding]:
    contract = encoder.contract
    told, text_sha256 = contract.json(), hashlib.sha256(text.encode()).hexdigest()
    body = stored(encoded.values, contract.dtype)
    made = Embedding(
        caption_id=row.caption_id,
        clip_id=row.clip_id,
        encoder=contract.encoder,
        variant=variant,
        content_key=text_key(text_sha256, told),
        contract=told,
        text_sha256=text_sha256,
        tokens=encoded.tokens,
        truncated=encoded.truncated,
        shape=encoded.values.shape,
        dtype=contract.dtype,
        sha256=hashlib.sha256(body).hexdigest(),
    )
    return Heavy(made, body)


def _sound(text: str, encoded: Encoded, encoder: TextEncoder) -> None:
    """RecipeError where a tensor holds what is no number, or what its dtype cannot hold."""
    contract, largest = encoder.contract, float(np.abs(encoded.values).max(initial=0.0))
    if not np.isfinite(largest):
        raise RecipeError(
            f"embed: {contract.name} in {contract.compute} gives NaN or infinity for {text[:60]!r}: calculate in "
            "bfloat16 or float32"
        )
    if contract.dtype == "float16" and largest > float(np.finfo(np.float16).max):
        raise RecipeError(
            f"embed: {contract.name} gives {largest:g} for {text[:60]!r}, too much for float16: store bfloat16"
        )
