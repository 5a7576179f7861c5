"""The words that a caption may use, and the one name that each stands for."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "black": "black|jet",
        "white": "white|ivory|cream|snowy",
        "grey": "gr[ea]y|silver|slate|charcoal|ash",
        "red": "red|reddish|crimson|scarlet|ruby|maroon|burgundy",
        "orange": "orange|amber|tangerine",
        "yellow": "yellow|yellowish|gold|golden|lemon",
        "green": "green|greenish|emerald|lime|olive|jade",
        "cyan": "cyan|teal|turquoise|aqua",
        "blue": "blue|bluish|navy|azure|cobalt|sapphire|indigo",
        "purple": "purple|violet|lilac|lavender|mauve",
        "magenta": "magenta|fuchsia",
        "pink": "pink|pinkish|rose|salmon",
        "brown": "brown|brownish|chestnut|chocolate",
        "beige": "beige|tan|sandy",
    }
)

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "knock": r"knock(?:s|ing|ed)?|thuds?|thumps?|raps?|bangs?|taps?",
        "tone": r"tones?|beep(?:s|ing|ed)?|bleeps?|sine waves?|hum(?:s|ming)?",
        "noise": r"(?:bursts? of )?(?:white |pink |broadband )?noises?(?: bursts?)?|hiss(?:es|ing)?|static noise",
        "sound": r"(?:unidentified|unnamed|unknown|unclear|indistinct) sounds?",
    }
)
"""What the embedded listeners can name."""

OTHER_EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "bell": r"bells?|chimes?",
        "siren": r"sirens?",
        "bark": r"barks?|barking|dog barks?",
        "applause": r"applause|clapping|claps?",
        "laughter": r"laughter|laughs?|laughing",
        "gunshot": r"gunshots?|shots? (?:is|are) fired",
        "explosion": r"explosions?|blasts?",
        "engine": r"engines?|motors?",
        "footsteps": r"footsteps?",
        "whistle": r"whistles?|whistling",
        "crash": r"crash(?:es)?|smash(?:es)?",
        "click": r"clicks?|clicking",
        "thunder": r"thunder",
        "rain": r"rain|raindrops?",
        "birdsong": r"birdsong|chirps?|chirping|tweets?",
        "alarm": r"alarms?",
        "ring": r"ringtones?|ringing|phone rings?",
        "horn": r"horns?|honks?|honking",
        "scream": r"screams?|screaming",
    }
)


def unknown(labels: Iterable[str]) -> frozenset[str]:
    """The names of sounds that a listener has and this lexicon has not."""
    return frozenset(label for label in labels if label not in EVENTS and label not in OTHER_EVENTS)


HEARING = re.compile(r"\b(?:hear[ds]?|audible|sounds?|sounding|rings?|listen|audio|noise)\b")

AMOUNTS: Mapping[str, str] = MappingProxyType(
    {
        "little": r"little|slight(?:ly)?|barely|hardly|small|faint|subtle|minimal",
        "moderate": r"moderate(?:ly)?|some|medium|fair amount",
        "much": r"much|lots?|lively|strong|heavy|vigorous|busy|great deal|intense",
    }
)
BRIGHTNESS: Mapping[str, str] = MappingProxyType(
    {
        "very dark": r"(?:very|extremely|nearly|almost|pitch|entirely|completely|fully)[ -](?:dark|black)|black",
        "dark": r"dark|dim|dimly lit|murky|gloomy|low[ -]key|underexposed|poorly lit",
        "medium": r"(?:of )?(?:medium|moderate|average|normal)[ -](?:bright(?:ness)?|light)"
        r"|(?:moderately|evenly|fairly|medium) (?:bright|lit)|neither dark nor bright",
        "bright": r"bright|brightly lit|light|luminous|high[ -]key|well[ -]lit|radiant",
    }
)
VOLUMES: Mapping[str, str] = MappingProxyType(
    {
        "quiet": r"quiet|soft|faint|low|hushed|subdued",
        "moderate": r"moderate(?:ly loud)?|medium|normal|average",
        "loud": r"loud|noisy|high|booming|deafening",
    }
)
PLACES: Mapping[str, str] = MappingProxyType(
    {
        "top left": r"(?:top|upper)[ -]left|left (?:at the )?top",
        "top right": r"(?:top|upper)[ -]right|right (?:at the )?top",
        "bottom left": r"(?:bottom|lower)[ -]left|left (?:at the )?bottom",
        "bottom right": r"(?:bottom|lower)[ -]right|right (?:at the )?bottom",
        "top": r"top|upper (?:edge|part|third)|above",
        "bottom": r"bottom|lower (?:edge|part|third)",
        "left": r"left",
        "right": r"right",
        "centre": r"cent(?:re|er|red|ered)|middle",
    }
)


def first(table: Mapping[str, str], text: str) -> str | None:
    """The name of the first word of the table in the text; of two that start together, the longer."""
    hits = [(m.start(), m.start() - m.end(), name) for name, words in table.items() if (m := word(words).search(text))]
    return min(hits)[2] if hits else None


def word(pattern: str) -> re.Pattern[str]:
    """A pattern that matches whole words only."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w])")


_NO = re.compile(
    r"\b(?:no|not|never|without|nothing|nobody|none|neither|nor|lacks?|lacking|cannot|no one|free of)\b|n't\b"
)
_NO_AFTER = re.compile(
    r"^[^,;:.]*?\b(?:(?:is|are|was|were|be|can|does|do)(?: not|n't)|cannot|absent|missing|lacking)\b"
)
_OTHER = re.compile(r"\b(?:other|others|else|further|more|additional|another)\b")


def denied(text: str, at: int, end: int) -> bool:
    """Whether the clause around `[at, end)` says that the thing is not there."""
    edges = ";:." if re.search(r"\b(?:or|nor)\b", text) else ";:.,"
    start = max((text.rfind(edge, 0, at) for edge in edges), default=-1)
    but = text.rfind(" but ", 0, at)
    return bool(_NO.search(text[max(start, but) + 1 : at]) or _NO_AFTER.search(text[end:]))


def beside(text: str, at: int) -> bool:
    """Whether the clause before `at` says "other"."""
    start = max(text.rfind(edge, 0, at) for edge in ";:.,")
    return bool(_OTHER.search(text[start + 1 : at + 40]))
