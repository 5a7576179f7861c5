"""A decoded frame as it is displayed, still in Y'CbCr: what is encoded again."""

from collections.abc import Mapping
from types import MappingProxyType

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from curate.media.opaque import opaque
from curate.media.planes import Matrix, matrix
from schemas.media import Picture

_MATRICES: Mapping[Matrix, Colorspace] = MappingProxyType(
    {"bt601": Colorspace.ITU601, "bt709": Colorspace.ITU709, "bt2020": Colorspace.BT2020}
)
CODES: Mapping[Matrix, int] = MappingProxyType({"bt601": 6, "bt709": 1, "bt2020": 9})
"""Matrix coefficients as H.264 numbers them."""


def coded_as(frame: av.VideoFrame) -> Matrix:
    """The matrix that a frame is coded with anew: the source's own; BT.709 for one that is not Y'CbCr."""
    return "bt709" if frame.format.is_rgb or frame.format.has_palette else matrix(frame)


def upright(frame: av.VideoFrame, picture: Picture, size: tuple[int, int], coded: Matrix) -> av.VideoFrame:
    """A decoded frame as it is displayed: YUV 4:2:0 of 8 bits, limited range, `size` (width, height) after turning."""
    turns = picture.rotation_deg // 90
    width, height = size if turns % 2 == 0 else size[::-1]
    frame = opaque(frame)
    smaller = width * height < frame.width * frame.height
    scaled = frame.reformat(
        width, height, "yuv420p",
        src_colorspace=_MATRICES[matrix(frame)], dst_colorspace=_MATRICES[coded], dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.AREA if smaller else Interpolation.BICUBIC, threads=1,
    )  # fmt: skip
    return _turned(scaled, turns, picture.flipped) if turns or picture.flipped else scaled


def _turned(frame: av.VideoFrame, turns: int, flipped: bool) -> av.VideoFrame:
    planes = frame.to_ndarray()  # [H * 3 / 2, W]: luma, then both chroma planes, one after the other
    width, height = frame.width, frame.height
    luma, chroma = planes[:height], planes[height:].reshape(2, height // 2, width // 2)
    turned = [np.rot90(plane[::-1] if flipped else plane, -turns) for plane in (luma, *chroma)]
    packed = np.concatenate([plane.ravel() for plane in turned]).reshape(-1, turned[0].shape[1])
    return av.VideoFrame.from_ndarray(packed, "yuv420p")
