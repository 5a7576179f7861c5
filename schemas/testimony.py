"""What one who sees the clip says of the claims of a caption that no measurement could judge."""

from dataclasses import dataclass
from typing import Literal

Finding = Literal["supported", "contradicted", "unverifiable"]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """One claim held against what was shown of its span."""

    claim_id: str
    finding: Finding
    why: str  # in the words of the model
    start_us: int  # what was shown
    end_us: int
    frames_us: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Testimony:
    """All that one model says of the claims of one caption; no findings where the tools could judge them all."""

    caption_id: str
    clip_id: str
    findings: tuple[Witnessed, ...]
    model: str
    revision: str | None
    engine: str
    profile: str
    prompt: str
    prompt_hash: str
    sampling: str  # JSON
    tokens_in: int
    tokens_out: int

    @property
    def id(self) -> str:
        return self.caption_id
