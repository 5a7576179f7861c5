"""What every stage row carries beside its payload: which input it came from, by which fingerprint, and how it went."""

from dataclasses import dataclass

from schemas.row import volatile


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an input has no payload. `kind` is one word of `curate.errors`, `detail` is for a person."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The envelope of a stage's row.

    An input with n payloads leaves n rows, `ordinal` 0..n-1, all in one commit. One with none leaves one row with
    `outputs` 0 and empty payload columns: either nothing was to be found, or `failure` says what went wrong.
    """

    input_id: str
    ordinal: int
    outputs: int
    failure: Failure | None
    attempt: int
    fingerprint: str
    run_id: str = volatile()
    made_us: int = volatile()


@dataclass(frozen=True, slots=True)
class Stamp:
    """The envelope of a row that is made from whole tables, not from one input: picks and plans."""

    fingerprint: str
    run_id: str = volatile()
    made_us: int = volatile()
