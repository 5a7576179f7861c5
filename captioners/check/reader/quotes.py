"""Quotations: whether each was said or was written, and when."""

import re
from collections.abc import Iterator

from captioners.check.reader.lexicon import PLACES, beside, denied, first
from captioners.check.reader.said import Said
from captioners.check.reader.sentences import Sentence
from captioners.check.reader.speakers import speaker
from captioners.check.reader.times import Given, times_of
from captioners.check.reader.turns import people

_WRITTEN = re.compile(
    r"\b(?:texts?|written|writing|titles?|signs?|captions?|subtitles?|on[- ]screen|screen|letters|lettering|labels?|"
    r"logos?|"
    r"banners?|posters?|headlines?|overlays?|printed|legends?|inscription|credits?|words? (?:appears?|on))\b"
)
_SPOKEN = re.compile(
    r"\b(?:voices?|speakers?|man|woman|child|boy|girl|narrator|somebody|someone|person|speech|spoken|said|speaks?|"
    r"announcer|dialogue|transcript|utter\w*|whispers?|shouts?|asks?|replies|answers)\b"
)
_WEAK_SPOKEN = re.compile(r"\b(?:says?|saying|heard|hear|tells?|words?)\b")
_WEAK_WRITTEN = re.compile(r"\b(?:reads?|reading|shows?|shown|displays?|displayed|appears?|visible|seen)\b")
_SINGLE = re.compile(r"\bwords?\b")
_NO_TEXT = re.compile(r"\b(?:texts?|writing|lettering|subtitles?|titles?|captions?|written)\b")


_SPEECH = re.compile(r"\b(?:speech|speaks?|speaking|voices?|talks?|talking|dialogue|spoken)\b")


def speech_place(text: str) -> tuple[int, int] | None:
    """Where speech is named in a sentence."""
    hit = _SPEECH.search(text)
    return hit.span() if hit else None


def _nearest(pattern: re.Pattern[str], text: str, at: int) -> float:
    before = [at - match.end() for match in pattern.finditer(text[:at])]
    after = [10 + 1.5 * match.start() for match in pattern.finditer(text[at + 1 :])]
    return min([*before, *after], default=float("inf"))


def written(text: str, at: int) -> bool:
    """Whether the quotation at `at` is on screen; else it is spoken. Nouns tell before verbs do."""
    on_screen, spoken = _nearest(_WRITTEN, text, at), _nearest(_SPOKEN, text, at)
    if on_screen == spoken == float("inf"):
        return _nearest(_WEAK_WRITTEN, text, at) <= _nearest(_WEAK_SPOKEN, text, at)
    return on_screen < spoken


def quotations(sentence: Sentence, text: str, given: Given) -> Iterator[Said]:
    """Every quotation of the sentence. `text` is the sentence with its times blanked out."""
    places = [(quote.at, quote.at + 1) for quote in sentence.quotes]
    for index, quote in enumerate(sentence.quotes):
        before = text[: quote.at]
        if re.search(r"\b(?:means?|meaning|translat\w+)\s*:?\s*$", before):
            continue
        if denied(text, quote.at, quote.at):
            yield Said("text" if written(text, quote.at) else "utterance", quote.text, absent=True)
        elif written(text, quote.at):
            yield Said("text", quote.text, times=times_of(given, quote.at), place=_place(text, places, index))
        else:
            who = speaker(*_around(sentence.plain, places, index))
            single = len(quote.text.split()) == 1 and bool(_SINGLE.search(before))
            times = times_of(given, quote.at)
            yield (
                Said("word", quote.text, times=times)
                if single
                else Said("utterance", quote.text, times=times, speaker=who)
            )


def _around(plain: str, places: list[tuple[int, int]], index: int) -> tuple[str, str]:
    """The words before a quotation and after it, up to the next ones."""
    start = places[index - 1][1] if index else 0
    end = places[index + 1][0] if index + 1 < len(places) else len(plain)
    return plain[start : places[index][0]], plain[places[index][1] : end]


def _place(text: str, places: list[tuple[int, int]], index: int) -> str | None:
    end = places[index + 1][0] if index + 1 < len(places) else len(text)
    return first(PLACES, text[places[index][1] : end]) or (first(PLACES, text[: places[0][0]]) if index == 0 else None)


def unquoted(sentence: Sentence, text: str, given: Given) -> Iterator[Said]:
    """That there is no (other) text or speech, or speech whose words are not told."""
    if sentence.quotes:
        return
    if (hit := _NO_TEXT.search(text)) and (denied(text, hit.start(), hit.end()) or text.startswith("nothing")):
        yield Said("text", absent=not beside(text, hit.start()), other=beside(text, hit.start()))
    hit = _SPEECH.search(text)
    if not hit:
        return
    if denied(text, hit.start(), hit.start()) or re.match(
        r"[^,;:]*\b(?:absent|missing|not heard)\b", text[hit.end() :]
    ):
        yield Said("speech", absent=True)
    else:
        who = speaker(sentence.plain, "")
        yield Said("speech", times=times_of(given, hit.start()), count=people(text), speaker=who)
