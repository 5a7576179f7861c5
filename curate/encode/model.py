"""Where the weights of an encoder are and how they are run, as a recipe says it."""

from dataclasses import dataclass, field
from typing import Literal

from curate.encode.contract import Precision
from curate.stage import OPERATIONAL


@dataclass(frozen=True)
class EncoderModel:
    """A folder as diffusers or transformers saves it, with safetensors. All but the folder is part of the contract."""

    sha256: str  # of the weights and their configuration (`curate/weights.py`), wherever they lie
    folder: str = field(metadata=OPERATIONAL)
    compute: Precision = "float32"  # what the model calculates in
    stored: Literal["float16", "bfloat16", "float32", "int8"] = "float16"  # codes are always int16
    normalised: bool = True  # by the encoder's constants; false: as the model gives them
    log_variance: bool = False  # beside the mean
    tiled: bool = False  # in tiles, as the library does it by default: less memory, other latents
