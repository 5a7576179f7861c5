"""Whether a decoder that knows nothing else can begin with a packet.

A container marks as key frames more than those: a picture of H.264 that only recovers after some frames, or that later
frames reach behind. What counts is the kind of its slices.
"""

from collections.abc import Iterator

import av

_H264_IDR = 5  # ITU-T H.264, table 7-1
_H264_SLICE = 1
_HEVC_IDR = frozenset({19, 20})  # ITU-T H.265, table 7-1: IDR_W_RADL, IDR_N_LP
_HEVC_SLICES = 32
_AVCC_LENGTH, _HVCC_LENGTH = 4, 21  # ISO/IEC 14496-15: which byte says how long a length is


def stands_alone(packet: "av.Packet[av.VideoStream]") -> bool:
    """Whether a key packet begins everything anew; of VP9 and AV1 every key frame does."""
    context = packet.stream.codec_context
    data, codec = bytes(packet), context.codec.canonical_name
    if codec == "h264":
        kinds = {unit[0] & 0x1F for unit in _units(data, context.extradata, _AVCC_LENGTH) if unit}
        return _H264_IDR in kinds and _H264_SLICE not in kinds
    if codec == "hevc":
        kinds = {unit[0] >> 1 & 0x3F for unit in _units(data, context.extradata, _HVCC_LENGTH) if unit}
        slices = {kind for kind in kinds if kind < _HEVC_SLICES}
        return bool(slices) and slices <= _HEVC_IDR
    return True


def _units(data: bytes, settings: bytes | None, length_at: int) -> Iterator[bytes]:
    """The beginnings of the NAL units of a packet, whose lengths stand before them; none where they do not."""
    if not settings or settings[0] != 1 or len(settings) <= length_at:  # start codes: it is not as in an MP4
        return
    width, at = 1 + (settings[length_at] & 3), 0
    while at + width < len(data):
        yield data[at + width : at + width + 2]
        at += width + int.from_bytes(data[at : at + width], "big")
