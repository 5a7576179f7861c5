"""A film of packets that are taken over as they are."""

from fractions import Fraction

import av

from curate.export.span import Span
from curate.media.mp4 import Voice


def write_copied(out: av.container.OutputContainer, stream: av.VideoStream, span: Span, voice: Voice | None) -> int:
    """Write the packets of a span, its first frame at zero, and sound as far as they go; how many packets."""
    copy = out.add_stream_from_template(stream)
    tick = Fraction(stream.time_base or 1)
    for packet, (shown, decoded, length) in zip(span.packets, span.times, strict=True):
        packet.pts, packet.dts, packet.duration = shown, decoded, length
        packet.stream = copy
        if voice is not None:
            voice.write_until(max(decoded, 0) * tick)
        out.mux(packet)
    return len(span.packets)
