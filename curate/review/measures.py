"""How well people agree and how much they change: arithmetic on plain values."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import permutations
from math import sqrt

Z95 = 1.959964


def word_edits(before: Sequence[str], after: Sequence[str]) -> int:
    """Words put in, taken out or replaced, at the least (Levenshtein)."""
    row = list(range(len(after) + 1))
    for number, word in enumerate(before, 1):
        last, row[0] = row[0], number
        for place, other in enumerate(after, 1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (word != other))
    return row[-1]


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); 0 to 1 where nothing was tried."""
    if not tries:
        return 0.0, 1.0
    share, spread = hits / tries, Z95 * Z95 / tries
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa of two people's verdicts: 1 they agree, 0 as by chance; None where chance alone would agree."""
    if not pairs:
        return None
    count = len(pairs)
    ours, theirs = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ours[value] * theirs[value] for value in ours) / count / count
    return None if chance == 1 else (sum(one == other for one, other in pairs) / count - chance) / (1 - chance)


def alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal values, any number of people a unit; None where there is nothing to compare.

    Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), C.
    """
    shares: dict[tuple[Hashable, Hashable], float] = {}
    for values in units:
        for pair in permutations(values, 2):
            shares[pair] = shares.get(pair, 0.0) + 1 / (len(values) - 1)
    totals: dict[Hashable, float] = {}
    for (value, _), share in shares.items():
        totals[value] = totals.get(value, 0.0) + share
    count = sum(totals.values())
    expected = sum(totals[one] * totals[other] for one in totals for other in totals if one != other)
    if not expected:
        return None
    observed = sum(share for (one, other), share in shares.items() if one != other)
    return 1 - (count - 1) * observed / expected
