"""Numbers in digits and in words."""

import re

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "twenty": 20,
}  # fmt: skip
NUMBER = rf"(?:(?<![\w.:])(?:\d+(?:\.\d+)?|(?:{'|'.join(WORDS)})\b))"
TIMES = {"once": 1, "twice": 2, "thrice": 3}


def number(text: str) -> float:
    """The value of a text that matches `NUMBER`."""
    return float(WORDS[text]) if text in WORDS else float(text)


def percentages(text: str) -> list[tuple[int, float]]:
    """Where each percentage stands, and its value as a share 0..1."""
    found = []
    for match in re.finditer(rf"({NUMBER})\s*(?:%|per ?cent\b|percent\b)", text):
        found.append((match.start(), number(match.group(1)) / 100))
    for word, share in (("half", 0.5), ("a third", 1 / 3), ("a quarter", 0.25), ("three quarters", 0.75)):
        found += [(match.start(), share) for match in re.finditer(rf"\b{word}\b", text)]
    return sorted(found)
