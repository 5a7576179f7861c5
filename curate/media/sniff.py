"""What bytes look like, told from their first few KiB: for the sentence of a failure, and to keep text from FFmpeg."""

HEAD_BYTES = 4096
TAIL_BYTES = 1 << 16  # in which the end of a JPEG must be: cameras put a thumbnail or a film behind it
JPEG, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_BOXES = frozenset((
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"moof", b"sidx", b"uuid", b"mfra", b"emsg",
))  # fmt: skip
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"PAR1", "a Parquet file"),
)
_TEXT = (
    ("#extm3u", "an HLS playlist"),
    ("ffconcat", "an FFmpeg playlist"),
    ("<!doctype html", "an HTML page"),
    ("<html", "an HTML page"),
    ("<svg", "an SVG drawing"),
    ("<?xml", "an XML document"),
    ("{", "a JSON document"),
    ("webvtt", "WebVTT subtitles"),
)


def document(head: bytes) -> str | None:
    """Name what the first 4 KiB of a file are when they are text or a well-known format that is no media."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    text = _text(head)
    if text is None:
        return None
    begins = text.lstrip().lower()
    return next((name for start, name in _TEXT if begins.startswith(start)), "plain text")


def _text(head: bytes) -> str | None:
    """The head as text, each byte a character, or None where it holds a byte that no text holds."""
    if any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in head):
        return None
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def animated_webp(head: bytes) -> bool:
    """Whether a WebP file holds several frames: the animation bit of its VP8X chunk."""
    return head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) > 20 and bool(head[20] & 2)


def mp4_damage(boxes: list[tuple[bytes, int]], size_bytes: int) -> str | None:
    """Why an MP4 without a usable index cannot be read, from its top-level boxes `(type, end)`; None: not known."""
    if not boxes or boxes[0][0] not in _BOXES:
        return None
    _, end = boxes[-1]
    if any(kind == b"moov" for kind, _ in boxes) and end <= size_bytes:
        return None
    if end > size_bytes:
        return f"an MP4 file that is cut off: {size_bytes} of at least {end} bytes are there"
    return "an MP4 file without its index (moov)"


def top_box(head: bytes, position: int) -> tuple[bytes, int] | None:
    """Type and end of the MP4 box whose first 16 bytes are `head`, at `position`; None where no box can be."""
    if len(head) < 8:
        return None
    size, kind = int.from_bytes(head[:4], "big"), head[4:8]
    if size == 1 and len(head) == 16:
        size = int.from_bytes(head[8:16], "big")
    return (kind, position + size) if size >= 8 else None
