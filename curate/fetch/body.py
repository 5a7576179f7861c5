"""The bytes of a body as they were meant, and what they are not."""

import html
import re
import zlib
from collections.abc import AsyncIterator, Iterator

from curate.errors import NotMedia, TooLarge, Unreachable, Unsupported
from curate.fetch.answer import Answer, shown
from curate.media.sniff import HEAD_BYTES, document

_STEP_BYTES = 1 << 20
_BOMB_BYTES = 16 << 20
_BOMB_RATIO = 100  # media do not become smaller; pages by ten
_TITLE_BYTES = 64 << 10  # of a page are read to find its title
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_PLAYLISTS = ("an HLS playlist", "a DASH playlist")


class Playlist(NotMedia):
    """A list of pieces of a video: a site reader may take it from here."""


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
    if unpacker.eof:
        raise Unsupported(f"the {encoding} body goes on after its end")
    try:
        while True:
            step = unpacker.decompress(piece, _STEP_BYTES)
            yield step
            piece = unpacker.unconsumed_tail
            if unpacker.eof or (not piece and len(step) < _STEP_BYTES):
                return
    except zlib.error as error:
        raise Unsupported(f"the {encoding} body cannot be unpacked: {error}") from None


class Head:
    """The beginning of a body, kept until it is clear that it is no page."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._clear = False

    def add(self, piece: bytes) -> None:
        """Look at the next piece; NotMedia that says what it is, or Playlist, as soon as that is known."""
        if not self._clear:
            self._bytes += piece[: _TITLE_BYTES - len(self._bytes)]
            if len(self._bytes) >= HEAD_BYTES:
                self._look(len(self._bytes) >= _TITLE_BYTES)

    def end(self) -> None:
        """The body is over; it may have been short."""
        if not self._clear and self._bytes:
            self._look(True)

    @property
    def clear(self) -> bool:
        """Whether what came is known to be no page."""
        return self._clear

    def _look(self, last: bool) -> None:
        what = document(bytes(self._bytes[:HEAD_BYTES]))
        if what is None:
            self._clear = True
            self._bytes.clear()
            return
        if what == "an XML document" and b"<MPD" in self._bytes:
            what = "a DASH playlist"
        if what in _PLAYLISTS:
            raise Playlist(f"not media but {what}")
        title = _TITLE.search(self._bytes) if what == "an HTML page" else None
        if title is None and what == "an HTML page" and not last:
            return
        named = shown(html.unescape(title[1].decode("utf-8", "replace"))) if title else ""
        raise NotMedia(f"not media but {what}" + (f": {named!r}" if named else ""))
