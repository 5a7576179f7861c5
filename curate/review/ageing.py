"""What an item is worth grows while it waits, and no row is written for it.

An item is worth severity x disagreement x weight x age, where age doubles in each `doubling_s`. Its logarithm is

    log2(severity x disagreement x weight) + (now - added) / doubling

in which `now` is the same for all items at any instant. So the order of items never changes, and the part without
`now` is a number that can be stored once and indexed: the `score`.
"""

from math import exp2, log2

from curate.review.wire import Value, Why

LEAST = 1e-9
"""An item that is worth nothing comes last; it has no logarithm."""


def score(value: Value, added_us: int, doubling_s: float) -> float:
    """Where an item stands in the order, for good: higher comes first."""
    product = value.severity * value.disagreement * value.weight
    return log2(max(LEAST, product)) - added_us / 1e6 / doubling_s


def worth(score: float, now_us: int, doubling_s: float) -> float:
    """The value of an item now."""
    return exp2(min(1000.0, score + now_us / 1e6 / doubling_s))


def aged(added_us: int, now_us: int, doubling_s: float) -> Why:
    """The factor of age, in words."""
    waited_s = max(0, now_us - added_us) / 1e6
    return Why(factor="age", value=exp2(min(1000.0, waited_s / doubling_s)), words=f"added {_span(waited_s)} ago")


def _span(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (count := int(seconds // length)) > 0:
            return f"{count} {unit}{'s' * (count != 1)}"
    return "a moment"
