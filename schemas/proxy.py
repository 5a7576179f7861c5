"""What an annotator is shown of a clip."""

from dataclasses import dataclass

from schemas.media import Blob
from schemas.row import volatile


@dataclass(frozen=True, slots=True)
class Proxy:
    """A clip as H.264 and AAC in MP4, of constant frame rate: frame k is shown in [k, k + 1) * rate_den / rate_num s.

    The first frame is that of `start_us`. Frames of a variable rate are held or dropped, by the nearest instant.
    """

    clip_id: str
    start_us: int
    end_us: int
    width: int
    height: int
    frames: int
    rate_num: int
    rate_den: int
    sound: bool
    still: bool
    peaks_hz: int  # pairs of peaks a second
    peaks: bytes  # int8 pairs (lowest, highest) of the samples, all channels together; empty without sound
    thumbs_jpeg: bytes  # a strip of thumbnails side by side, at equal steps of time
    thumbs: int  # how many
    sha256: str  # of the MP4
    blob: Blob | None = volatile(default=None)  # the MP4; None until a sink has stored it

    @property
    def id(self) -> str:
        return self.clip_id
