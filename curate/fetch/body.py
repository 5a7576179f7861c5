"""The bytes of a body as they were meant, and what they are not."""

import html
import zlib
from collections.abc import AsyncIterator, Iterator

from curate.errors import NotMedia, TooLarge, Unreachable, Unsupported
from curate.fetch.answer import Answer, shown
from curate.media.sniff import HEAD_BYTES, document

_STEP_BYTES = 1 << 20
_BOMB_BYTES = 16 << 20
_BOMB_RATIO = 100  # media do not become smaller; pages by ten
_TITLE_BYTES = 64 << 10  # of a page are read to find its title


class Document(NotMedia):
    """Not media, but what somebody who reads pages and playlists may make a video of: `head` is how it begins."""

    def __init__(self, detail: str, head: bytes) -> None:
        super().__init__(detail)
        self.head = head


async def decoded(answer: Answer) -> AsyncIterator[bytes]:
    """The pieces of a body, unpacked where a server packs them though nobody asked it to. Each is at most a MiB.

    Unsupported for an encoding that is not of zlib, TooLarge for a bomb, Unreachable where it ends too early.
    """
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        async for piece in answer.pieces:
            yield piece
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Unsupported(f"the server sends it as {shown(encoding)!r}, though it was asked for it as it is")
    unpacker, packed, unpacked = zlib.decompressobj(zlib.MAX_WBITS | 32), 0, 0
    async for piece in answer.pieces:
        packed += len(piece)
        for step in _steps(unpacker, piece, encoding):
            unpacked += len(step)
            if unpacked > max(_BOMB_BYTES, _BOMB_RATIO * packed):
                raise TooLarge(f"a compressed bomb: {packed} bytes become {unpacked} and more")
            yield step
    if packed and not unpacker.eof:
        raise Unreachable(f"the {encoding} body ends too early")


def _steps(unpacker: "zlib._Decompress", piece: bytes, encoding: str) -> Iterator[bytes]:
    try:
        while True:
            step = unpacker.decompress(piece, _STEP_BYTES)
            yield step
            piece = unpacker.unconsumed_tail
            if unpacker.unused_data:
                raise Unsupported(f"the {encoding} body goes on after its end")
            if unpacker.eof or (not piece and len(step) < _STEP_BYTES):
                return
    except zlib.error as error:
        raise Unsupported(f"the {encoding} body cannot be unpacked: {error}") from None


class Head:
    """The beginning of a body, kept until it is clear that it is no page."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._look_at = HEAD_BYTES
        self._clear = False

    @property
    def clear(self) -> bool:
        """Whether what came is known to be no page."""
        return self._clear

    def add(self, piece: bytes) -> None:
        """Look at the next piece; a Document that says what it is, as soon as that is known."""
        if not self._clear:
            self._bytes += piece[: _TITLE_BYTES - len(self._bytes)]
            if len(self._bytes) >= self._look_at:
                self._look_at = min(2 * len(self._bytes), _TITLE_BYTES)
                self._look(last=len(self._bytes) >= _TITLE_BYTES)

    def end(self) -> None:
        """The body is over; it may have been short."""
        if not self._clear and self._bytes:
            self._look(last=True)

    def _look(self, last: bool) -> None:
        head = bytes(self._bytes)
        what = document(head[:HEAD_BYTES])
        if what is None:
            self._clear = True
            self._bytes.clear()
            return
        title = _title(head) if what == "an HTML page" else ""
        if what == "an HTML page" and title is None and not last:
            return
        if what == "an XML document" and b"<MPD" in head:
            what = "a DASH playlist"
        raise Document(f"not media but {what}" + (f": {title!r}" if title else ""), head)


def _title(page: bytes) -> str | None:
    """The title of an HTML page; None where it has not ended yet. No regular expression: it must not go back."""
    lower = page.lower()
    opens = lower.find(b"<title")
    begins = lower.find(b">", opens)
    ends = lower.find(b"</title", begins)
    if min(opens, begins, ends) < 0:
        return None
    title = page[begins + 1 : ends].decode("utf-8", "replace")
    try:
        return shown(html.unescape(title))
    except ValueError:  # a character by a number of thousands of digits
        return shown(title)
