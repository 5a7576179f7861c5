"""Statements as regions of Label Studio, and back: results that share an id, each of which says one thing of it.

What is seen is a range of frames on the video (`TimelineLabels`: counted from 1, both ends shown), what is heard a span
of seconds on the sound (`Labels`). A range of frames is coarser than a span: the exact one stands in `meta`, and holds
as long as nobody has moved the range.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

from curate.review.json_place import Json, Node
from curate.review.wire import ERROR_KINDS, FACETS, ClaimWork, Footage, Note, Status
from schemas.caption import ErrorKind, Facet

Side = Literal["seen", "heard"]
NOTE = "note"
"""The label of a region that is a note."""
STATUSES: tuple[Status, ...] = ("unseen", "right", "wrong", "edited", "added")
HEARD: frozenset[Facet] = frozenset({"speech", "event", "music", "ambience"})
TO: dict[Side, str] = {"seen": "video", "heard": "audio"}
_SIDES: tuple[Side, ...] = ("seen", "heard")
_PLAIN = re.compile(r"[A-Za-z0-9-]")
_CODED = re.compile(r"(?:_[0-9a-f]{2})+")


@dataclass(frozen=True, slots=True)
class Region:
    """All that the results of one region say, read."""

    claim: ClaimWork | Note
    results: tuple[Json, ...]


def region_id(claim_id: str) -> str:
    """An id of letters, digits, `-` and `_`: any other byte of UTF-8 is `_` and two hex digits."""
    return "".join(
        char if _PLAIN.fullmatch(char) else "".join(f"_{byte:02x}" for byte in char.encode()) for char in claim_id
    )


def claim_id(region: str, known: frozenset[str]) -> str:
    """The statement that a region is of; one that was added in Label Studio begins with `+`."""
    try:
        plain = _CODED.sub(lambda found: bytes.fromhex(found[0].replace("_", "")).decode(), region)
    except UnicodeDecodeError:
        return f"+{region}"
    return plain if region_id(plain) == region and (plain in known or plain.startswith("+")) else f"+{region}"


def results_of(claim: ClaimWork, footage: Footage, region: str) -> list[Json]:
    """The results that tell a statement."""
    side: Side = "heard" if footage.sound and claim.facet in HEARD else "seen"
    span = _span(claim.start_us, claim.end_us, footage, side)
    said: list[tuple[str, str, dict[str, Json]]] = [
        ("text", "textarea", {"text": [claim.text]}),
        ("status", "choices", {"choices": [claim.status]}),
    ]
    if claim.error_kind is not None:
        said.append(("error", "choices", {"choices": [claim.error_kind]}))
    if claim.critique is not None:
        said.append(("critique", "textarea", {"text": [claim.critique]}))
    return [
        _labelled(region, side, span, claim.facet, (claim.start_us, claim.end_us)),
        *(_result(region, side, f"{side}_{name}", kind, span | value) for name, kind, value in said),
    ]


def note_results(note: Note, footage: Footage, region: str) -> list[Json]:
    """The results that tell a note: a region without length."""
    side: Side = "heard" if footage.sound else "seen"
    span = _span(note.at_us, note.at_us, footage, side)
    text = _result(region, side, f"{side}_text", "textarea", {**span, "text": [note.text]})
    return [_labelled(region, side, span, NOTE, (note.at_us, note.at_us)), text]


def regions(results: Node, footage: Footage, known: frozenset[str]) -> dict[str, Region]:
    """The statements and notes that some results tell, by region, in order; results that tell none are passed over."""
    grouped: dict[str, list[Node]] = {}
    for result in results.items():
        result.object()
        if is_part(result):
            grouped.setdefault(result.field("id").text(), []).append(result)
    read = {region: _region(region, parts, footage, known) for region, parts in grouped.items()}
    told = [one.claim.claim_id for one in read.values() if isinstance(one.claim, ClaimWork)]
    if twice := next((one for one in told if told.count(one) > 1), None):
        raise results.wrong(f"two regions are the statement {twice!r}")
    return read


def _region(region: str, parts: Sequence[Node], footage: Footage, known: frozenset[str]) -> Region:
    told = {_part(part): part for part in parts}
    if len(told) < len(parts):
        raise parts[-1].wrong(f"the region {region!r} says the same thing twice")
    place = told.get("")
    if place is None:
        raise parts[0].wrong(f"the region {region!r} has no label and no time")
    start_us, end_us = _times(place, footage)
    label, text = _label(place), written(told.get("text"))
    results = tuple(part.value for part in parts)
    if label == NOTE:
        return Region(Note(at_us=start_us, text=text or ""), results)
    if label not in FACETS:
        raise place.wrong(f"{label!r} is no facet; there are {', '.join(FACETS)}")
    mine = claim_id(region, known)
    status = choice(told.get("status"), STATUSES) or ("unseen" if mine in known else "added")
    claim = ClaimWork(
        claim_id=mine, status=cast(Status, status), facet=label, start_us=start_us, end_us=end_us,
        text=text or "", error_kind=cast(ErrorKind | None, choice(told.get("error"), ERROR_KINDS)),
        critique=written(told.get("critique")),
    )  # fmt: skip
    return Region(claim, results)


def is_part(result: Node) -> bool:
    """Whether a result says something of a statement or of a note."""
    return result.has("id") and result.has("from_name") and _part(result) is not None


def _part(result: Node) -> str | None:
    """What a result says of its region: "" its place and facet, or "text", "status", "error", "critique"."""
    name = result.field("from_name").text()
    for side in _SIDES:
        if name == side:
            return ""
        if name in {f"{side}_{part}" for part in ("text", "status", "error", "critique")}:
            return name.removeprefix(f"{side}_")
    return None


def _labelled(region: str, side: Side, span: dict[str, Json], label: str, exact: tuple[int, int]) -> Json:
    kind = "timelinelabels" if side == "seen" else "labels"
    meta: dict[str, Json] = {"start_us": exact[0], "end_us": exact[1]}
    made = _result(region, side, side, kind, {**span, kind: [label]})
    return {**made, "meta": meta} if side == "seen" else made


def _result(region: str, side: Side, name: str, kind: str, value: dict[str, Json]) -> dict[str, Json]:
    return {"id": region, "from_name": name, "to_name": TO[side], "type": kind, "value": value}


def _span(start_us: int, end_us: int, footage: Footage, side: Side) -> dict[str, Json]:
    begin_us, stop_us = start_us - footage.start_us, end_us - footage.start_us
    if side == "heard":
        return {"start": begin_us / 1e6, "end": stop_us / 1e6, "channel": 0}
    first, last = _frames(begin_us, stop_us, footage)
    return {"ranges": [{"start": first, "end": last}]}


def _frames(begin_us: int, stop_us: int, footage: Footage) -> tuple[int, int]:
    """The first and the last frame that a span of the clip touches, counted from 1."""
    tick = footage.rate_den * 1_000_000
    first = min(begin_us * footage.rate_num // tick, footage.frames - 1)
    last = min(-(-stop_us * footage.rate_num // tick), footage.frames) - 1
    return first + 1, max(first, last) + 1


def _times(result: Node, footage: Footage) -> tuple[int, int]:
    """Start and end of a region in µs of the media."""
    value = result.field("value")
    if value.has("ranges"):
        return _of_frames(result, list(value.field("ranges").items()), footage)
    start, end = value.field("start"), value.field("end")
    length_us = footage.end_us - footage.start_us
    times = [round(one.number() * 1e6) for one in (start, end)]
    slack_us = 1_000_000 * footage.rate_den // footage.rate_num + 1
    for one, at_us in zip((start, end), times, strict=True):
        if not 0 <= at_us <= length_us + slack_us:
            raise one.wrong(f"a time in the clip is expected, 0 to {length_us / 1e6} s")
    if times[1] < times[0]:
        raise value.wrong("it ends before it starts")
    begin_us, stop_us = (footage.start_us + min(at_us, length_us) for at_us in times)
    return begin_us, stop_us


def _of_frames(result: Node, ranges: Sequence[Node], footage: Footage) -> tuple[int, int]:
    if len(ranges) != 1:
        raise result.field("value").field("ranges").wrong("one range is expected")
    first, last = ranges[0].field("start").integer(), ranges[0].field("end").integer()
    if not 1 <= first <= last <= footage.frames + 1:
        raise ranges[0].wrong(f"frames of the clip are expected, 1 to {footage.frames}, the first before the last")
    exact = result.field("meta")
    if exact.has("start_us") and exact.has("end_us"):
        start_us, end_us = exact.field("start_us").integer(), exact.field("end_us").integer()
        inside = footage.start_us <= start_us <= end_us <= footage.end_us
        if inside and _frames(start_us - footage.start_us, end_us - footage.start_us, footage) == (first, last):
            return start_us, end_us
    step = Fraction(1_000_000 * footage.rate_den, footage.rate_num)
    start_us, end_us = (footage.start_us + round(frame * step) for frame in (first - 1, last))
    return min(start_us, footage.end_us), min(end_us, footage.end_us)


def _label(result: Node) -> str:
    value = result.field("value")
    name = "timelinelabels" if value.has("timelinelabels") else "labels"
    labels = list(value.field(name).items())
    if len(labels) != 1:
        raise value.field(name).wrong("one label is expected")
    return labels[0].text()


def written(result: Node | None) -> str | None:
    """The lines of a text area; None where it was not filled."""
    if result is None:
        return None
    value = result.field("value").field("text")
    return value.text() if isinstance(value.value, str) else "\n".join(line.text() for line in value.items())


def choice(result: Node | None, among: Iterable[str]) -> str | None:
    """What was chosen; None where nothing was."""
    if result is None:
        return None
    chosen = list(result.field("value").field("choices").items())
    if len(chosen) != 1:
        raise result.field("value").field("choices").wrong("one choice is expected")
    if chosen[0].text() not in among:
        raise chosen[0].wrong(f"one of {', '.join(among)} is expected")
    return chosen[0].text()
