"""Statements with their times as WebVTT: words as captions with who says them, all else as descriptions; and back.

Times are of the clip, in milliseconds, as players of its proxy need them. What is not text, such as the facet, stands
in the cue's identifier: `<statement>|<facet>`.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol, cast

from curate.errors import UsageError
from curate.review.wire import FACETS, ClaimWork, Content, Status
from schemas.caption import Facet

Kind = Literal["captions", "descriptions"]
_TIME = re.compile(r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>(.*?)(?:</v>|\Z)", re.DOTALL)
_TAG = re.compile(r"<[^>]*>?")
_MOST_BYTES = 64 << 20


class WrongVtt(UsageError):
    """A file is no WebVTT; the message begins with the line."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a cue tells: a statement, in µs of the clip."""

    claim_id: str | None  # None: the file does not say
    facet: Facet
    start_us: int
    end_us: int
    text: str
    speaker: str | None = None


class Told(Protocol):
    """A statement with its place in the media: of a caption, of an item, or of a decision."""

    @property
    def claim_id(self) -> str: ...
    @property
    def facet(self) -> Facet: ...
    @property
    def start_us(self) -> int: ...
    @property
    def end_us(self) -> int: ...
    @property
    def text(self) -> str: ...


def spoken(claims: Iterable[Told], begins_us: int, speakers: Mapping[str, str] = MappingProxyType({})) -> list[Spoken]:
    """Statements of a clip that begins at `begins_us`; `speakers` by statement."""
    return [
        Spoken(c.claim_id, c.facet, c.start_us - begins_us, c.end_us - begins_us, c.text, speakers.get(c.claim_id))
        for c in claims
    ]


def works(statements: Iterable[Spoken], content: Content) -> tuple[ClaimWork, ...]:
    """What somebody made of an item's statements in a file: right where they left one as it was, edited, or added.

    Times that are the same to the millisecond are the item's own.
    """
    known = {claim.claim_id: claim for claim in content.claims}
    begins_us, ends_us = content.footage.start_us, content.footage.end_us
    made = []
    for number, one in enumerate(statements):
        claim = known.get(one.claim_id or "")
        span = min(begins_us + one.start_us, ends_us), min(begins_us + one.end_us, ends_us)
        if claim is not None and all(
            abs(a - b) < 1000 for a, b in zip(span, (claim.start_us, claim.end_us), strict=True)
        ):
            span = claim.start_us, claim.end_us
        same = claim is not None and (claim.facet, _lines(claim.text), claim.start_us, claim.end_us) == (
            one.facet,
            one.text,
            *span,
        )
        name = f"+vtt-{number}" if claim is None else claim.claim_id
        status: Status = "added" if claim is None else "right" if same else "edited"
        made.append(
            ClaimWork(claim_id=name, status=status, facet=one.facet, start_us=span[0], end_us=span[1], text=one.text)
        )
    return tuple(made)


def vtt(statements: Iterable[Spoken], kind: Kind) -> str:
    """A file of the statements of one kind, in the order of their starts; those without length last a millisecond."""
    mine = (one for one in statements if (one.facet == "speech") == (kind == "captions"))
    cues = (_cue(one) for one in sorted(mine, key=lambda one: (one.start_us, one.end_us)))
    return "\n\n".join(("WEBVTT", f"NOTE Kind: {kind}", *cues)) + "\n"


def _cue(one: Spoken) -> str:
    start_ms = round(one.start_us / 1000)
    end_ms = max(round(one.end_us / 1000), start_ms + 1)
    text = _payload(one.text)
    spoken = text if one.speaker is None else f"<v {_payload(one.speaker).replace(chr(10), ' ')}>{text}</v>"
    name = () if one.claim_id is None else (f"{_identifier(one.claim_id)}|{one.facet}",)
    return "\n".join((*name, f"{_clock(start_ms)} --> {_clock(end_ms)}", spoken))


def _payload(text: str) -> str:
    """Text without what would end a cue: a blank line would."""
    return html.escape(_lines(text), quote=False)


def _lines(text: str) -> str:
    return "\n".join(bare for line in re.split(r"[\r\n]+", text) if (bare := line.strip()))


def _identifier(claim_id: str) -> str:
    return re.sub(r"\s+", " ", claim_id).replace("-->", "->")


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def read_vtt(text: str, kind: Kind) -> list[Spoken]:
    """The statements of a file; WrongVtt names the line of what cannot be read. Styles, regions and notes do not count.

    A cue without a facet in its identifier is speech among captions, and an action among descriptions.
    """
    if len(text) > _MOST_BYTES:
        raise WrongVtt(f"the file has {len(text)} characters; {_MOST_BYTES} are the most")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise WrongVtt(f"line 1: WEBVTT is expected; it is {lines[0][:40]!r}")
    return [made for number, block in _blocks(lines) if (made := _spoken(number, block, kind)) is not None]


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines that stand together, with the number of the first; the head is left out."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if line:
            block.append(line)
        elif block:
            if number - len(block) > 1:
                yield number - len(block), block
            block = []


def _spoken(number: int, block: list[str], kind: Kind) -> Spoken | None:
    if "-->" not in block[0]:
        if len(block) < 2 or "-->" not in block[1]:
            return None  # a note, a style, a region
        name, timing, rest, number = block[0], block[1], block[2:], number + 1
    else:
        name, timing, rest = "", block[0], block[1:]
    start_us, end_us = _span(number, timing)
    claim_id, _, facet = name.rpartition("|")
    if facet not in FACETS:
        claim_id, facet = name, "speech" if kind == "captions" else "action"
    text, speaker = _heard("\n".join(rest))
    return Spoken(claim_id or None, cast(Facet, facet), start_us, end_us, text, speaker)


def _span(number: int, timing: str) -> tuple[int, int]:
    start, _, rest = timing.partition("-->")
    times = [_TIME.fullmatch(part) for part in (start.strip(), (rest.split() or [""])[0])]
    if times[0] is None or times[1] is None:
        raise WrongVtt(f"line {number}: two times are expected, as in 00:01.000 --> 00:02.500; it is {timing[:60]!r}")
    start_us, end_us = (_us(found) for found in times if found is not None)
    if end_us <= start_us:
        raise WrongVtt(f"line {number}: a cue ends after it starts; it is {timing[:60]!r}")
    return start_us, end_us


def _us(found: re.Match[str]) -> int:
    hours, minutes, seconds, ms = (int(part or 0) for part in found.groups())
    return (((hours * 60 + minutes) * 60 + seconds) * 1000 + ms) * 1000


def _heard(payload: str) -> tuple[str, str | None]:
    """The text of a cue without its tags, and who says it where it is one alone."""
    voices = _VOICE.findall(payload)
    speakers = {html.unescape(name).strip() for name, _ in voices}
    text = html.unescape(_TAG.sub("", payload))
    return text, speakers.pop() if len(speakers) == 1 else None
