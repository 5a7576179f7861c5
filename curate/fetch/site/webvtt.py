"""The clock of WebVTT that comes with HLS: which time of a cue is which of the media (RFC 8216, 3.5)."""

import re

_LOCAL = re.compile(rb"(X-TIMESTAMP-MAP=[^\r\n]*LOCAL:)(?:(\d+):)?(\d\d):(\d\d)\.(\d\d\d)")
_HEADER_BYTES = 4096


def moved(data: bytes, begins_us: int) -> bytes:
    """WebVTT for a media whose clock has been set back by `begins_us`; as it is where it names no clock."""

    def later(found: re.Match[bytes]) -> bytes:
        hours, minutes, seconds, ms = (int(part or 0) for part in found.groups()[1:])
        local_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms + round(begins_us / 1000)
        seconds, ms = divmod(max(0, local_ms), 1000)
        clock = b"%02d:%02d:%02d.%03d" % (seconds // 3600, seconds // 60 % 60, seconds % 60, ms)
        return found.group(1) + clock

    return _LOCAL.sub(later, data[:_HEADER_BYTES], count=1) + data[_HEADER_BYTES:] if begins_us else data
