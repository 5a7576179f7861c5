"""What a server answered: the head of a response, and its body to come."""

import email.utils
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import httpcore2
import httpx2

from curate.errors import Forbidden, Gone, LoginRequired, RateLimited, RowError, Unreachable

_GONE = (404, 410)
_TRANSIENT = (408, 425)
_BUSY = (429, 503)


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case; of a header that comes several times, the first counts."""

    url: httpx2.URL
    status: int
    reason: str
    headers: Mapping[str, str]
    pieces: AsyncIterator[bytes] = field(repr=False)  # as they come: still encoded

    @property
    def size_bytes(self) -> int | None:
        """The length of the body as it is sent; None where the server does not say."""
        said = self.headers.get("content-length", "")
        return int(said) if said.isascii() and said.isdigit() and "transfer-encoding" not in self.headers else None

    @property
    def rest_s(self) -> float | None:
        """How long a busy server wants to be left alone, in seconds or until a date; None where it does not say."""
        said = self.headers.get("retry-after", "") if self.status in _BUSY else ""
        if said.isascii() and said.isdigit():
            return float(said[:9])
        with suppress(ValueError, OverflowError):
            return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
        return None

    @property
    def failure(self) -> RowError:
        """What a status that is no success means."""
        says = f"the server answers {self.status} {self.reason}".rstrip()
        if self.status in _GONE:
            return Gone(says)
        if self.status == 401:
            return LoginRequired(says)
        if self.status == 429:
            return RateLimited(says)
        if self.status in _TRANSIENT or self.status >= 500:
            return Unreachable(says)
        return Forbidden(says)


def answer_of(url: httpx2.URL, response: httpcore2.Response) -> Answer:
    """What httpcore2 has of a response, as text."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.decode("latin-1").lower(), _text(value))
    reason = shown(_text(response.extensions.get("reason_phrase", b"")))
    return Answer(url, response.status, reason, headers, response.aiter_stream())


def shown(text: str, length: int = 80) -> str:
    """A stranger's words for a person's eyes: one line, nothing that moves a cursor, not long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 4 * length]).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
