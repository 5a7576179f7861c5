"""Which way a sentence says that things go in the picture; where the camera goes is said elsewhere."""

import re
from collections.abc import Iterator

from captioners.check.reader.lexicon import denied
from captioners.check.reader.said import Said

_GOING = (
    r"(?:go(?:es|ing)?|mov(?:es?|ing)|walk(?:s|ing)?|run(?:s|ning)?|driv(?:es?|ing)|rid(?:es?|ing)|travel(?:s|ling|ing)?|"
    r"drift(?:s|ing)?|float(?:s|ing)?|fl(?:y|ies|ying)|slid(?:es?|ing)|glid(?:es?|ing)|pass(?:es|ing)?|"
    r"stream(?:s|ing)?|flow(?:s|ing)?|swim(?:s|ming)?|head(?:s|ing)?|cross(?:es|ing)?|rush(?:es|ing)?|"
    r"rac(?:es?|ing)|sail(?:s|ing)?|crawl(?:s|ing)?|movement|motion|carried|moved)"
)
_SIDE = (
    r"(?! (?:hand|side|edge|corner|of|and|or|to|by|next|behind|through|past|in|at|after|away|on|over|into|before)\b)"
)
_HEIGHT = (
    r"(?! (?:to|and|or|on|onto|in|into|with|for|a|an|his|her|its|their|(?:the(?! (?:picture|frame|image|screen))))\b)"
)


def _sideways(way: str, other: str) -> str:
    across = rf"(?:from )?(?:the )?{other} to (?:the )?{way}"
    return rf"(?:to(?:wards?)? (?:the |its )?{way}{_SIDE}|{way}wards?|(?<=\s){way}{_SIDE}|{across})"


_WAYS = {
    "left": _sideways("left", "right"),
    "right": _sideways("right", "left"),
    "up": rf"(?:upwards?|up{_HEIGHT}|to(?:wards?)? the top|(?:from )?(?:the )?bottom to (?:the )?top)",
    "down": rf"(?:downwards?|down{_HEIGHT}|to(?:wards?)? the bottom|(?:from )?(?:the )?top to (?:the )?bottom)",
}
_NAMED = re.compile("|".join(rf"(?P<{way}>{words})" for way, words in _WAYS.items()))
_GOES = re.compile(rf"\b{_GOING}\b(?P<between>[^,;.“”\"]{{0,40}}?)\b(?={_NAMED.pattern})")
_BEFORE = re.compile(r"\b(?P<way>left|right|up|down)ward(?: \w+)? (?:motion|movement|drift|flow)\b")
_OTHER_WAY = re.compile(
    r"\b(?:camera|view(?:er|point)?|lens|pans?|tilts?|zooms?|text|title|lettering|look\w*|fac\w+)\b"
)
_BOTH = re.compile(r"\b(?:left|right|up|down)(?:wards?)? (?:and|or)\b")
_ALL = re.compile(
    r"\b(?:what(?:ever)? (?:is )?mov\w+|(?:every|any)thing|things|objects|shapes|(?:the|all) (?:movements?|motion)|"
    r"all (?:of it|that moves|of them))\b"
)
"""What is said of all that moves; anything else may be one that goes against the others."""


def drift(text: str) -> Iterator[Said]:
    """The way of all that moves ("drift"), or of one thing among others ("passing")."""
    if _OTHER_WAY.search(text):
        return
    for hit in (*_GOES.finditer(text), *_BEFORE.finditer(text)):
        named = _NAMED.match(text, hit.end()) if "between" in hit.re.groupindex else None
        way = named.lastgroup if named else hit.groupdict().get("way")
        if way is not None and not _BOTH.search(hit.group(0)):
            whole = _ALL.search(text) is not None
            yield Said("drift" if whole else "passing", way, absent=denied(text, hit.start(), hit.start()))
