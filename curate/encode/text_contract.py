"""What a text embedding was made under, and the seam of encoders of text."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from curate.encode.contract import Precision
from curate.encode.stored import Values
from curate.stage import OPERATIONAL

Hidden = Literal["last", "penultimate", "pooled"]


@dataclass(frozen=True)
class TextModel:
    """A folder as transformers saves it, with safetensors and its tokenizer. All but the folder is in the contract."""

    name: str  # what plans and trainers call it, as in umt5-xxl
    sha256: str  # of the weights, their configuration and the tokenizer (`curate/weights.py`)
    folder: str = field(metadata=OPERATIONAL)
    hidden: Hidden = "last"  # penultimate: before the last layer, not normalised; pooled: the one vector of a text
    max_tokens: int = 512  # special tokens too; what is longer is cut, and counted
    template: str = "{}"  # what the encoder is given of a text
    drop: int = 0  # tokens of the template's beginning that are read and not stored
    compute: Precision = "float32"  # what the model calculates in
    stored: Literal["float16", "bfloat16", "float32"] = "bfloat16"  # what its numbers are kept in


@dataclass(frozen=True, slots=True)
class TextContract:
    """How a text became a tensor; equal contracts give equal tensors for equal texts."""

    name: str
    version: int
    weights_hash: str
    architecture: str
    hidden: Hidden
    channels: int
    max_tokens: int
    padding: Literal["none"]  # tensors have the length of their text
    template: str
    dropped: int
    formats: tuple[tuple[str, str], ...]  # variant, rendering: where it is not the stored one
    compute: Precision
    dtype: Literal["float16", "bfloat16", "float32"]

    def json(self) -> str:
        """Canonical JSON: the same contract is the same text."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def encoder(self) -> str:
        """The name, with digits that are others under another contract."""
        return f"{self.name}@{hashlib.sha256(self.json().encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text as an encoder gives it."""

    values: Values  # [T, D]
    tokens: int
    truncated: int


class TextEncoder(Protocol):
    """Texts to tensors; not for several threads at once."""

    @property
    def contract(self) -> TextContract: ...

    def encode(self, texts: Sequence[str]) -> list[Encoded]: ...


def text_key(text_sha256: str, contract: str) -> str:
    """The name of a tensor: sha256 over the text's hash and the whole contract."""
    return hashlib.sha256(json.dumps([text_sha256, contract]).encode()).hexdigest()
