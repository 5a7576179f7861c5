"""Who is said to speak, beside a quotation."""

import re

_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5"}
_NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_PERSON = r"(?:speaker|voice|man|woman|boy|girl|child|person|narrator)"
_SAYING = r"(?:says?|said|asks?|replies|answers?|shouts?|whispers?|adds?|speaks?|continues?|goes on|tells?)"
_SAME = re.compile(rf"\bthe same {_PERSON}\b")
_ANOTHER = re.compile(rf"\b(?:another|a different|a new|the other) {_PERSON}\b")
_NUMBERED = re.compile(
    rf"\bspeaker (?:number |no\. ?)?(?P<number>\d+|{'|'.join(_NUMBERS)})\b"
    rf"|\b(?P<ordinal>{'|'.join(_ORDINALS)}) (?:speaker|voice)\b"
)
_KIND = re.compile(r"\b(man|woman|boy|girl|child|narrator|announcer)\b")
_CAPITAL = r"[A-Z][\w'’-]*(?: [A-Z][\w'’-]*){0,2}"
_NAME_BEFORE = re.compile(rf"\b(?P<name>{_CAPITAL})(?:(?:'s|’s)? voice)? {_SAYING}\b|(?P<called>{_CAPITAL}):\s*$")
_NAME_AFTER = re.compile(rf"^[^\w]*(?:is |are )?(?:{_SAYING}|spoken by|said by|by) (?P<name>{_CAPITAL})")
_NAME_INVERTED = re.compile(rf"^[^\w]*(?P<name>{_CAPITAL}) {_SAYING}\b")
"""Only where a sentence begins with the quotation: else they may be the words before the next one."""
_NO_NAMES = frozenset(
    """A An The At From Then And But Somebody Someone Nobody He She It They Speaker Voice I We One Another Between Here
    What Next Later First Second Third Last Finally After Before As While In On""".split()  # noqa: SIM905
)
SAME, ANOTHER = "the same", "another"
"""Labels that tell only how a speaker differs from the one before."""
KINDS = frozenset(("man", "woman", "boy", "girl", "child", "narrator", "announcer"))
"""Labels that several may share."""


def speaker(before: str, after: str) -> str | None:
    """The speaker of a quotation by the words of its sentence around it, as a label in lower case; None: not told."""
    for text in (before, after):
        lowered = text.lower()
        if _SAME.search(lowered):
            return SAME
        if hit := _NUMBERED.search(lowered):
            return f"speaker {_number(hit)}"
        if _ANOTHER.search(lowered):
            return ANOTHER
    if name := _name(_NAME_BEFORE.search(before)) or _name(_NAME_AFTER.search(after)):
        return name
    if not re.search(r"\w", before) and (name := _name(_NAME_INVERTED.search(after))):
        return name
    kind = _KIND.search(before.lower()) or _KIND.search(after.lower())
    return kind.group(1) if kind else None


def _number(hit: re.Match[str]) -> str:
    if ordinal := hit.group("ordinal"):
        return _ORDINALS[ordinal]
    return _NUMBERS.get(hit.group("number"), hit.group("number"))


def _name(hit: re.Match[str] | None) -> str | None:
    name = next((group for group in hit.groups() if group), None) if hit else None
    if name is None:
        return None
    words = name.split()
    while words and (words[0] in _NO_NAMES or words[0].endswith("ly")):
        words.pop(0)
    return re.sub(r"['’]s$", "", " ".join(words).lower()) or None
