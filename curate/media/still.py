"""What the header of a still says before anything of it is decoded: its size, and how its camera was held.

FFmpeg knows an orientation of EXIF by its angle alone, and opens large pictures only to fail or to fill the memory.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from curate.errors import TooLarge
from curate.media.clock import MAX_PIXELS, check_pixels
from curate.media.file import LocalFile

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"II*\0", b"MM\0*", b"BM", b"GIF8")
_ORIENTATION = 0x0112
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, KeyError, OverflowError)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a coded picture is put upright: turned upside down if `flipped`, and then clockwise."""

    flipped: bool
    rotation_deg: int  # 0, 90, 180, 270


_TURNS: Mapping[object, Turn] = MappingProxyType(
    {
        1: Turn(False, 0), 2: Turn(True, 180), 3: Turn(False, 180), 4: Turn(True, 0),
        5: Turn(True, 90), 6: Turn(False, 90), 7: Turn(True, 270), 8: Turn(False, 270),
    }
)  # fmt: skip
"""By the orientation of EXIF 2.3, 4.6.4."""


def still_turn(file: LocalFile, head: bytes) -> Turn | None:
    """The turn that a JPEG, PNG, WebP, TIFF, BMP or GIF asks for; None where it says nothing, and for anything else.

    `head` is how the file begins. TooLarge for a picture over MAX_PIXELS.
    """
    if not head.startswith(_BEGINNINGS):
        return None
    with Path(file.path).open("rb") as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd tags
        try:
            with Image.open(_Span(source, file), formats=_FORMATS) as image:  # type: ignore[arg-type]  # reads and seeks
                check_pixels(*image.size, MAX_PIXELS)
                return _TURNS.get(image.getexif().get(_ORIENTATION))
        except Image.DecompressionBombError:
            raise TooLarge(f"a picture of far more than the {MAX_PIXELS} pixels that are taken") from None
        except _BROKEN:  # the decoder has the last word on what can be shown
            return None


class _Span:
    """The part of a file that a still is, as a file."""

    def __init__(self, source: BinaryIO, file: LocalFile) -> None:
        self._source, self._file, self._at = source, file, 0

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._file.size - self._at)
        self._source.seek(self._file.offset + self._at)
        data = self._source.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at
