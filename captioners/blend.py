"""The retelling of a clip: what was measured, with what a model that sees says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from pydantic import ValidationError

from captioners.blended import blended
from captioners.evidence import Evidence
from captioners.measured import record_of
from captioners.record import Record
from captioners.retelling import Making, caption
from curate.errors import TooLarge
from curate.stage import Run, each
from schemas.caption import Caption


@dataclass(frozen=True, slots=True)
class Blend:
    """Retell a clip from its measurements, and from the view of it where there is one.

    What scores below `sure` (0..1) is marked uncertain; of the palette, `colours` are told.
    """

    sure: float = 0.5
    colours: int = 5
    name: ClassVar[str] = "caption"
    version: ClassVar[int] = 3
    takes: ClassVar[type] = Evidence
    gives: ClassVar[type] = Caption

    def open(self) -> Run[Evidence, Caption]:
        def one(evidence: Evidence) -> Iterator[Caption]:
            record = _bounded(evidence, self)
            yield caption(evidence.clip.clip_id, record, _making(evidence))

        return each(one)


def _bounded(evidence: Evidence, settings: Blend) -> Record:
    """The record of one clip; TooLarge where it holds more than a record may."""
    try:
        measured = record_of(evidence, settings.sure, settings.colours)
        if evidence.view is None:
            return measured
        return blended(measured, Record.model_validate_json(evidence.view.record))
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] not in {"too_long", "string_too_long"}:
            raise
        where = ".".join(str(part) for part in first["loc"])
        raise TooLarge(
            f"the clip has more in `{where}` than a caption record holds ({first['msg']}): split it into shorter clips"
        ) from error


def _making(evidence: Evidence) -> Making:
    view = evidence.view
    if view is None:
        return Making(captioner="measured")
    return Making(
        captioner="blend",
        model=view.model,
        prompt_hash=view.prompt_hash,
        tokens_in=view.tokens_in,
        tokens_out=view.tokens_out,
    )
