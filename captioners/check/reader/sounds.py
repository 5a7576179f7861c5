"""What a sentence says of the sound: events, music, silence, loudness."""

import re
from collections.abc import Iterator

from captioners import degrees
from captioners.check.reader.lexicon import EVENTS, HEARING, OTHER_EVENTS, VOLUMES, beside, denied, first, word
from captioners.check.reader.numbers import NUMBER, TIMES, number
from captioners.check.reader.said import Said
from captioners.check.reader.times import Given, times_of

_NOT_HEARD = re.compile(r"\b(?:warm|cool|cold|skin|colou?r\w*|earth|earthy|pastel|muted|visual|film)\s+$")
_COUNT = re.compile(rf"\b(?:({NUMBER})|an?|single|another|the|this|that|its)\s+((?:[\w.-]+\s+){{0,3}}?)$")
_SEVERAL = re.compile(r"\b(?:several|many|some|multiple|few|repeated|various)\s+(?:[\w.-]+\s+){0,2}?$")
_HERTZ = re.compile(rf"({NUMBER})[\s-]*(k?)(?:hz|hertz)\b")
_REPEATED = re.compile(
    rf"^\s*(?:(?:is|are|rings?|sounds?|comes?|heard)\s+)*(?:(once|twice|thrice)|({NUMBER})\s+times)\b"
)
_ANY_EVENT = re.compile(
    r"\bsound events?\b|\bother (?:\w+ )?sounds?\b|\b(?:nothing|anything) else (?:is|can be|to be) (?:heard|audible)\b"
)
_MUSIC = re.compile(r"\b(?:music\w*|songs?|melod(?:y|ies)|tunes?|instrumental|soundtrack plays)\b")
_TEMPO = re.compile(rf"({NUMBER})\s*(?:bpm\b|beats? (?:per|a) minute)")
_METRE = re.compile(rf"({NUMBER}) beats? (?:to|in|per) (?:a|the|each|every) (?:bar|measure)|\b(3|4)/4\b|\b(waltz)\b")
COURSES = {
    "crescendo": re.compile(r"\bgrow\w* louder\b|(?<!de)\bcrescendo\b|\bswell\w*\b|\bget(?:s|ting) louder\b"),
    "decrescendo": re.compile(
        r"\bgrow\w* (?:softer|quieter)\b|\b(?:decrescendo|diminuendo)\b|\bget(?:s|ting) (?:softer|quieter)\b"
    ),
    "quiet then loud": re.compile(r"\bquiet(?:ly)?,? (?:and )?then loud"),
    "loud then quiet": re.compile(r"\bloud(?:ly)?,? (?:and )?then quiet"),
}
_KEY = re.compile(r"\b([a-g])(?:[\s-]*(sharp|flat)|([#♯b♭]))?[\s-]+(major|minor)\b")
_LUFS = re.compile(r"([-−]?\s?\d+(?:\.\d+)?)\s*(?:lufs|lkfs)\b")
_SILENT = re.compile(
    r"\b(?:silen(?:t|ce|tly)|(?:no|without|lacks?|any) (?:any )?(?:sound|audio|soundtrack|sound track)(?! events?)|"
    r"soundless|mute[d]?|nothing (?:is|can be) heard)\b"
)
_AUDIO = re.compile(r"\b(?:sound|audio|loudness|volume|soundtrack|track|recording|it is|overall)\b")


def events(text: str, given: Given, names: frozenset[str] = frozenset()) -> Iterator[Said]:
    """Sound events with their counts, pitches and times; and that there are none, or none beside."""
    if hit := _ANY_EVENT.search(text):
        if denied(text, hit.start(), hit.end()) or text[hit.start() : hit.end()].startswith("nothing"):
            other = beside(text, hit.start())
            yield Said("event", absent=not other, other=other)
        return
    hits = named(text, names)
    for index, (start, end, name) in enumerate(hits):
        times = times_of(given, start)
        if denied(text, start, end):
            yield Said("event", name, absent=True)
            continue
        limit = hits[index + 1][0] if index + 1 < len(hits) else len(text)
        begin = hits[index - 1][1] if index else 0
        count, definite = _count(text, start, end, len(times))
        pitch = _pitch(text[begin:start], text[end:limit])
        yield Said("event", name, times=times, count=count, number=pitch, definite=definite)


def named(text: str, names: frozenset[str] = frozenset()) -> list[tuple[int, int, str]]:
    """Where sounds are named in a sentence, in order; `names` are those that a listener has beside the lexicon's."""
    heard = HEARING.search(text) is not None or "\x00" in text
    spans = []
    own = {name: _as_written(name) for name in sorted(names)}
    for table, asks in ((own, True), (EVENTS, False), (OTHER_EVENTS, True)):
        if asks and not heard:
            continue
        for name, words in table.items():
            for match in word(words).finditer(text):
                if not _NOT_HEARD.search(text[: match.start()]):
                    spans.append((match.start(), match.end(), name))
    spans.sort(key=lambda span: (span[0], span[2] not in names, -span[1]))
    kept: list[tuple[int, int, str]] = []
    for span in spans:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _as_written(name: str) -> str:
    """A pattern of a listener's name in lower case, one or several: "Church bell", "Chirp, tweet"."""
    return rf"{re.escape(name.lower())}(?:e?s)?"


def _count(text: str, start: int, end: int, times: int) -> tuple[int | None, bool]:
    """How many, and whether the noun is definite."""
    if repeated := _REPEATED.match(text[end:]):
        return TIMES.get(repeated.group(1) or "") or int(number(repeated.group(2))), False
    if _SEVERAL.search(text[:start]):
        return times if times > 1 else None, False
    if before := _COUNT.search(text[:start]):
        counted = before.group(1)
        if counted and not re.match(r"\s*-?k?(?:hz|hertz)", text[before.end(1) :]):
            return int(number(counted)), False
        definite = before.group(0).startswith(("the", "this", "that", "its"))
        if not re.search(r"s$", text[start:end]) or text[start:end] == "hiss":
            return max(times, 1), definite
    plural = text[start:end].endswith("s") and text[start:end] != "hiss"
    if (
        plural
        and not times
        and re.search(r"\b(?:knocks|taps|raps|bangs|thumps|beeps)$", text[start:end])
        and re.match(r"\s*(?:at|on|the|\x00)", text[end:])
    ):
        return 1, False
    return (times or None) if plural else max(times, 1), False


def _pitch(before: str, after: str) -> float | None:
    matches = list(_HERTZ.finditer(before))
    match = matches[-1] if matches and not re.search(r"[,;]", before[matches[-1].end() :]) else _HERTZ.search(after)
    return number(match.group(1)) * (1000 if match.group(2) else 1) if match else None


def music(text: str, given: Given) -> Iterator[Said]:
    """Music with its tempo and key."""
    hit, tempo, key = _MUSIC.search(text), _TEMPO.search(text), _KEY.search(text)
    if not (hit or tempo or key):
        return
    if hit and not (tempo or key) and denied(text, hit.start(), hit.end()):
        yield Said("music", absent=True)
        return
    bpm = number(tempo.group(1)) if tempo else None
    name = f"{key.group(1).upper()}{_accidental(key)} {key.group(4)}" if key else None
    times = times_of(given, place[0]) if (place := music_place(text)) else ()
    course = next((course for course, words in COURSES.items() if words.search(text)), None)
    yield Said("music", times=times, number=bpm, key=name, metre=_metre(text), course=course)


def _metre(text: str) -> int | None:
    hit = _METRE.search(text)
    if hit is None:
        return None
    return int(number(hit.group(1) or hit.group(2))) if not hit.group(3) else 3


def _accidental(key: re.Match[str]) -> str:
    return {"sharp": "#", "#": "#", "♯": "#", "flat": "b", "b": "b", "♭": "b"}.get(
        key.group(2) or key.group(3) or "", ""
    )


def silence(text: str, given: Given) -> Iterator[Said]:
    """Stretches of silence, or that there is no sound at all."""
    hit = _SILENT.search(text)
    if not hit or re.search(r"\bother\b", text):
        return
    if re.search(r"\b(?:never|not|isn't|no)\s+(?:\w+\s+)?$", text[: hit.start()]):
        return
    if times := times_of(given, hit.start()):
        yield Said("silence", times=times)
    elif not re.search(r"\b(?:then|briefly|moments?|parts?|stretch\w*)\b", text):
        yield Said("sound", absent=True)


def loudness(text: str) -> Iterator[Said]:
    """How loud the whole is, in a word or in LUFS."""
    lufs = _LUFS.search(text)
    value = float(lufs.group(1).replace("−", "-").replace(" ", "")) if lufs else None
    name = _volume(text)
    if value is not None or name:
        yield Said("loudness", name or degrees.volume(value or 0.0), number=value)


def _volume(text: str) -> str | None:
    if not _AUDIO.search(text) or (named(text) and "loudness" not in text):
        return None
    hit = re.search(r"\b(?:sound|audio|loudness|volume|soundtrack|recording|overall)\b", text)
    return first(VOLUMES, text) if hit else None


def music_place(text: str) -> tuple[int, int] | None:
    """Where music is named in a sentence."""
    hit = _MUSIC.search(text) or _TEMPO.search(text)
    return hit.span() if hit else None


def silence_place(text: str) -> tuple[int, int] | None:
    """Where silence is named in a sentence."""
    hit = _SILENT.search(text)
    return hit.span() if hit else None
