"""A text as the text encoder of a trainer reads it."""

from dataclasses import dataclass
from typing import Literal

from schemas.media import Blob
from schemas.row import volatile


@dataclass(frozen=True, slots=True)
class Embedding:
    """One wording of one caption under one contract. The tensor is the bytes of `blob`: raw, C order, little endian.

    Of variant "none" it is that of the empty text, for training without a prompt: the same for every caption.
    """

    caption_id: str
    clip_id: str
    encoder: str  # "umt5-xxl@0123456789ab": its name, and the first digits of the contract's hash
    variant: Literal["dense", "medium", "short", "tags", "none"]
    content_key: str  # sha256 over the text's hash and the whole contract
    contract: str  # JSON
    text_sha256: str
    tokens: int  # that were read
    truncated: int  # tokens of the text that were cut off
    shape: tuple[int, ...]  # [T, D]: without padding
    dtype: Literal["float16", "float32", "bfloat16"]
    sha256: str  # of the tensor's bytes
    blob: Blob | None = volatile(default=None)  # None until a sink has stored the bytes, or where they were evicted
