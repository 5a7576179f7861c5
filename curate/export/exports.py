"""The formats of export, by name."""

from types import MappingProxyType

from curate.export.format import Formats
from curate.export.huggingface import HuggingFace
from curate.export.ltx2 import Ltx2
from curate.export.mds import Mds
from curate.export.pairs import Pairs
from curate.export.webdataset import WebDataset

EXPORTS: Formats = MappingProxyType(
    {
        "webdataset": WebDataset(),
        "mds": Mds(),
        "huggingface": HuggingFace(),
        "ltx2": Ltx2(),
        "pairs": Pairs(),
    }
)
