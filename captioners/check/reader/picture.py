"""What a sentence says of the picture: length, light, colours, camera, movement, bars."""

import re
from collections.abc import Iterator

from captioners.check.reader.lexicon import AMOUNTS, BRIGHTNESS, COLOURS, denied, first, word
from captioners.check.reader.numbers import percentages
from captioners.check.reader.said import Said
from captioners.check.reader.times import Given, times_of

_PICTURE = r"(?:picture|image|scene|shot|frame|footage|video|clip|lighting|light|screen|view|it)"
_WHOLLY = r"(?:\s+(?:all|(?:complete|entire|ful|total|whol)ly))?"
_PREDICATE = re.compile(rf"\b{_PICTURE}\s+(?:is|stays|remains|turns|goes){_WHOLLY}\s*$")
_PALETTE = re.compile(
    r"\b(?:main|dominant|dominat\w+|palette|colou?rs?|colou?red|mostly|mainly|largely|predominantly|prevail\w*|hues?|"
    r"filled with|covers?|awash)\b"
)
_ANY_COLOUR = word("|".join(COLOURS.values()))
_NOT_A_COLOUR = re.compile(r"^\s*(?:bars?|borders?|frames?|screen|picture|image|for\b|noise)")
_CAMERA = re.compile(
    r"\b(?:camera|shot|view|viewpoint|framing|lens|pan(?:s|ning|ned)?|zoom(?:s|ing|ed)?|tilt(?:s|ing|ed)?|handheld)\b"
)
_STATIC = re.compile(
    r"\b(?:static|stationary|fixed|locked(?:[ -](?:off|down))?|motionless|unmoving|still|does not move|doesn't move|"
    r"never mov(?:es|ed)|not moved|not moving|stays put|holds still|"
    r"without (?:any )?camera (?:motion|movement)|no camera (?:motion|movement))\b"
)
_RATHER = re.compile(r"\b(?:rather than|instead of|far from|anything but|neither)\s+(?:\w+\s+){0,2}$")
_SIDEWAYS = r"(?:pan|sweep|swept|turn|swing|travel|track|glid|mov|slid|drift|truck|shift)\w*"
_MOVES = {
    "pan right": rf"(?:{_SIDEWAYS}\b[^,;]*?\b(?:right(?:wards?)?)(?! to)|right(?:ward)? pan|left to right"
    rf"|(?:to the right|rightwards?) (?:{_SIDEWAYS}|goes|the (?:camera|view) {_SIDEWAYS}))",
    "pan left": rf"(?:{_SIDEWAYS}\b[^,;]*?\b(?:left(?:wards?)?)(?! to)|left(?:ward)? pan|right to left"
    rf"|(?:to the left|leftwards?) (?:{_SIDEWAYS}|goes|the (?:camera|view) {_SIDEWAYS}))",
    "tilt up": r"(?:(?:tilt|mov|rise|crane|sweep|pan|look)\w*\b[^,;]*?\bup(?:wards?)?|rises"
    r"|up(?:wards?)? (?:tilts?|pans?))",
    "tilt down": r"(?:(?:tilt|mov|sink|crane|sweep|pan|look)\w*\b[^,;]*?\bdown(?:wards?)?|sinks"
    r"|down(?:wards?)? (?:tilts?|pans?))",
    "zoom in": r"(?:(?:zoom|push|doll|mov|creep)\w*\b[^,;]*?\b(?:in(?:wards?)?\b(?! (?:the|a|several)\b)"
    r"|closer|forwards?))",
    "zoom out": r"(?:(?:zoom|pull|doll|mov)\w*\b[^,;]*?\b(?:out(?:wards?)?|back(?:wards?)?|away))",
    "roll clockwise": r"(?:(?:roll|rotat|spin|turn)\w*\b[^,;]*?(?<!counter-)(?<!anti-)\bclockwise"
    r"|(?<!counter-)(?<!anti-)clockwise (?:roll|turn|spin|rotation))",
    "roll counterclockwise": r"(?:(?:roll|rotat|spin|turn)\w*\b[^,;]*?(?:counter-?|anti-?)clockwise"
    r"|(?:counter-?|anti-?)clockwise (?:roll|turn|spin|rotation))",
    "shake": r"(?:shak(?:es?|ing|y|ily|en)|trembl\w+|jitter\w*|wobbl\w+|jerk\w*|handheld)",
    "mixed": r"(?:moves? in several ways|mixed (?:motion|movements?)|several (?:ways|directions))",
}
_THINGS = re.compile(
    r"\b(?:things?|objects?|something|everything|anything|nothing|shapes?|subjects?|elements?|movements?|motion)\b"
)
_BARS = re.compile(r"\b(?:black (?:bars?|borders?|bands?|edges?|margins?)|letterbox\w*|pillarbox\w*)\b")
_FROZEN = re.compile(r"\b(?:frozen|freezes|freeze[ -]frame|stands still|holds? on one frame)\b")


def duration(lengths: list[float], text: str) -> Iterator[Said]:
    """ "The clip lasts 5 s"."""
    if lengths and re.search(r"\b(?:clip|shot|video|scene|footage|recording|lasts|long)\b", text):
        yield Said("duration", number=lengths[0])


def light(text: str) -> Iterator[Said]:
    """ "The picture is dark", "a bright scene"; not the "dark" of "dark blue". Of "bright, not dark" the first."""
    found = list(_lit(text))
    if found:
        yield min(found, key=lambda said: said.absent)


def _lit(text: str) -> Iterator[Said]:
    for name, words in sorted(BRIGHTNESS.items(), key=lambda item: item[0] not in {"medium", "very dark"}):
        for match in word(words).finditer(text):
            if match.group(0).endswith("black") and (
                _share_near(text, match.end()) or not _is_predicate(text, match.start())
            ):
                continue
            if _ANY_COLOUR.match(text[match.end() :].lstrip()) and not match.group(0).endswith("black"):
                continue
            near = re.search(rf"\b{_PICTURE}\b", text[: match.start()]) or re.match(
                rf"[\s\w\x00-]{{0,40}}\b{_PICTURE}\b", text[match.end() :]
            )
            if near:
                yield Said("brightness", name, absent=denied(text, match.start(), match.start()))


def _is_predicate(text: str, at: int) -> bool:
    return _PREDICATE.search(text[:at]) is not None


def _share_near(text: str, at: int) -> bool:
    return any(place >= at for place, _ in percentages(text))


def colours(text: str) -> Iterator[Said]:
    """Colours of a palette in their order, with shares where they are said; other colours as mere mentions."""
    listed = _PALETTE.search(text) is not None
    shares = percentages(text)
    found = []
    for name, words in COLOURS.items():
        for match in word(words).finditer(text):
            lit = name == "black" and _is_predicate(text, match.start())
            if lit or _NOT_A_COLOUR.match(text[match.end() :]) or denied(text, match.start(), match.start()):
                continue
            found.append((match.start(), match.end(), name))
    found.sort()
    for index, (_, end, name) in enumerate(found):
        limit = found[index + 1][0] if index + 1 < len(found) else len(text)
        share = next((value for at, value in shares if end <= at < limit), None)
        if share is None and index == 0 and shares and shares[0][0] < found[0][0]:
            share = shares[0][1]
        yield Said("palette" if listed else "colour", name, number=share)


def camera(text: str, given: Given) -> Iterator[Said]:
    """The camera's moves, or that it stands still."""
    if not _CAMERA.search(text):
        return
    if any(not _refused(text, hit) for hit in _STATIC.finditer(text)):
        yield Said("camera", "static")
        return
    hits = moves(text)
    for start, end, name in hits:
        if denied(text, start, end):
            yield Said("camera", name, absent=True)
        else:
            yield Said("camera", name, times=times_of(given, start))
    if (
        not hits
        and re.search(r"\bcamera\b[^,;]*\bmov", text)
        and denied(text, text.find("camera") + 6, text.find("camera") + 6)
    ):
        yield Said("camera", "static")


def _refused(text: str, hit: re.Match[str]) -> bool:
    """Whether the camera is said not to stand still."""
    if _RATHER.search(text[: hit.start()]):
        return True
    return not re.search(r"\b(?:not|never|no|without)\b|n't\b", hit.group(0)) and denied(text, hit.start(), hit.start())


def moves(text: str) -> list[tuple[int, int, str]]:
    """Where moves of the camera are named in a sentence, in order."""
    spans: list[tuple[int, int, str]] = []
    if not _CAMERA.search(text):
        return spans
    for name, pattern in _MOVES.items():
        spans += [(match.start(), match.end(), name) for match in re.finditer(rf"\b{pattern}\b", text)]
    spans.sort(key=lambda span: (span[0], span[1]))
    kept: list[tuple[int, int, str]] = []
    for span in spans:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def movement(text: str) -> Iterator[Said]:
    """How much the picture moves in itself."""
    thing = _THINGS.search(text)
    if not thing or re.search(r"\bcamera\b", text):
        return
    if not re.search(r"\b(?:mov\w+|motion|drift\w*|stirs?|travels?)\b", text):
        return
    if re.search(r"\b(?:nothing|no)\b[^,;]*\b(?:mov\w+|motion|stirs?)\b", text):
        yield Said("movement", "none")
    elif amount := first(AMOUNTS, text):
        yield Said("movement", amount)


def frame(text: str) -> Iterator[Said]:
    """Black bars, a frozen or a black picture, with the share where it is said."""
    shares = percentages(text)
    share = shares[0][1] if shares else None
    if bars := _BARS.search(text):
        yield Said("bars", number=share, absent=denied(text, bars.start(), bars.end()))
    if frozen := _FROZEN.search(text):
        yield Said("frozen", number=share, absent=denied(text, frozen.start(), frozen.end()))
    black = re.search(rf"\b{_PICTURE}\s+(?:is|stays|remains|goes|turns)\s+black\b", text)
    if black and share is not None:
        yield Said("black", number=share)
