"""What an error of yt-dlp means for a row: told by its class, then by its status, then by its words."""

import errno
import re
from collections.abc import Iterator, Sequence

from yt_dlp.networking.exceptions import HTTPError, NoSupportingHandlers, RequestError, UnsupportedRequest
from yt_dlp.utils import GeoRestrictedError, UnsupportedError, UserNotLive

from curate.errors import (
    BlockedAddress,
    Forbidden,
    Gone,
    LoginRequired,
    NoVideo,
    RateLimited,
    RowError,
    TooLarge,
    Unreachable,
    Unsupported,
    UnsupportedSite,
    UsageError,
)

_STATUS = re.compile(r"\bHTTP Error (\d{3})\b")
_FRAME = re.compile(r"^(ERROR: )?\s*(\[download\] Got error: )?(\[[^\]\s]+\] (\S+: )?)?|\s*\(caused by .*", re.DOTALL)
_ADVICE = re.compile(
    r"; please report this issue|\. Use --|\. Try |\bSee +https?://|\nYou might want|\bConfirm you are on", re.I
)
_WORDS: tuple[tuple[str, type[RowError]], ...] = (
    (r"not a bot|rate.?limit|too many requests|try again later|captcha", RateLimited),
    (r"not (made )?(this video )?available (in|from) your (country|location|region)|geo.?restrict", Forbidden),
    (r"\bdrm\b", Forbidden),
    (
        r"sign in|log ?in|logged[ -]in|private (video|account)|(video|account|post) is private|registered users|"
        r"members?[ -]only|subscri(bers|ption)|confirm your age|age.?restricted|password|\bcookies\b|authenticat",
        LoginRequired,
    ),
    (r"live event will begin|premieres? in|not currently live|is offline|live stream recording", Unsupported),
    (
        r"removed|deleted|terminated|no longer|does(n't| not) exist|video unavailable|not available|not found|"
        r"has expired|taken down|copyright",
        Gone,
    ),
    (r"no video formats found|requested format is not available|no video could be found", NoVideo),
)


def refusal(error: Exception, refused: Sequence[str]) -> RowError:
    """The RowError that an error of a visit is; `refused` are the addresses that were not connected to.

    Raises UsageError where the disk is full.
    """
    chain = tuple(_chain(error))
    for one in chain:
        if isinstance(one, RowError):
            return one
        if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UsageError("no room is left where bodies are put down: name a bigger folder in fetch.scratch")
    if refused:
        return BlockedAddress(refused[-1])
    kind, said = _kind(chain), _said(error)
    return kind(said if kind is not UnsupportedSite else f"yt-dlp cannot bring it: {said}")


def _kind(chain: Sequence[BaseException]) -> type[RowError]:
    said, status = _said(chain[0]), _status(chain)
    kind = _of_class(chain)
    if kind is None and status not in (None, 403):  # a 403 says little, and an extractor may have words that say more
        kind = _of_status(status)
    return kind or _of_words(said) or (_of_status(status) if status else None) or _of_network(chain)


def _of_class(chain: Sequence[BaseException]) -> type[RowError] | None:
    for one in chain:
        if isinstance(one, GeoRestrictedError):
            return Forbidden
        if isinstance(one, UserNotLive):
            return Unsupported
        if isinstance(one, UnsupportedError):
            return UnsupportedSite
        if isinstance(one, NoSupportingHandlers | UnsupportedRequest):
            return Unsupported
        if isinstance(one, OSError) and one.errno == errno.EFBIG:
            return TooLarge
    return None


def _status(chain: Sequence[BaseException]) -> int | None:
    """The status that a server answered; of a segment, only the words are left."""
    told = _STATUS.search(str(chain[0]))
    return next((one.status for one in chain if isinstance(one, HTTPError)), int(told[1]) if told else None)


def _of_status(status: int) -> type[RowError]:
    if status in (404, 410):
        return Gone
    if status == 401:
        return LoginRequired
    if status == 429:
        return RateLimited
    if status in (408, 425) or status >= 500:
        return Unreachable
    return Unsupported if status < 400 else Forbidden


def _of_words(said: str) -> type[RowError] | None:
    return next((kind for words, kind in _WORDS if re.search(words, said, re.I)), None)


def _of_network(chain: Sequence[BaseException]) -> type[RowError]:
    return Unreachable if any(isinstance(one, RequestError | OSError) for one in chain) else UnsupportedSite


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came of, as yt-dlp wraps them."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = getattr(one, "exc_info", None) or (None, None)
        waiting += [getattr(one, "cause", None), inner[1], one.__cause__]
        waiting += getattr(one, "unexpected_errors", ())


def _said(error: BaseException) -> str:
    """The sentence of an error, without yt-dlp's advice to its own users."""
    text = _FRAME.sub("", str(error)) or type(error).__name__
    return _ADVICE.split(text)[0].strip()[:300].encode("utf-8", "replace").decode()
