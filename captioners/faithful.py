"""Whether a sentence says what its sources say: nothing added, nothing turned round, nothing that matters left out.

Judged by words alone, and strictly: what cannot be seen to be faithful is not, and words of the house stand instead.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import snowballstemmer

_STEMMER = snowballstemmer.stemmer("english")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TIME = re.compile(rf"({_NUMBER.pattern})(?=(?:\s*(?:to|and|until|[–-])\s*{_NUMBER.pattern})?\s*s(?:econds?)?\b)")
_QUOTED = re.compile(r"[\"“«‹「]([^\"“”«»‹›「」]+)[\"”»›」]")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_COUNTS = {
    word: number
    for number, word in enumerate(
        ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
}
_NEGATIONS = frozenset(("no", "not", "never", "nothing", "nobody", "none", "neither", "nor", "without", "cannot"))
_DOUBTS = frozenset(("uncertain", "perhaps", "possibly", "maybe", "probably", "seemingly", "apparently", "seems"))
_FREE = frozenset(
    """
    a an the this that these those it its he she they them his her their there here who whom which what whose
    is are was were be been being am do does did has have had having can may might will would
    and or but as so than then while when where whereas during before after until since once again also both each
    of in on at by for from to into onto over under with within through throughout about between among across around
    up down out off near beside behind above below against along toward towards upon
    one another other others same own all whole entire some
    s second seconds moment moments time times clip video footage image picture scene shot frame frames screen
    see sees seen show shows showing shown appear appears appearing visible view views hear hears heard sound sounds
    begin begins beginning start starts starting end ends ending last lasts lasting first final finally next
    later earlier meanwhile simultaneously throughout continue continues remain remains
    which while where it's there's
    """.split()  # noqa: SIM905  a list of words reads better as words
)
"""Words that join and point, and say nothing of the world by themselves."""
_SIDED = frozenset(
    """
    up down out off near beside behind above below over under into toward towards against before after until
    first last begin end
    """.split()  # noqa: SIM905
)
"""Free words that do say something: they must stand in a source, or have nobody to contradict them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence says, as far as words tell."""

    times: frozenset[str]  # in seconds, as "%g"
    numbers: frozenset[str]
    quotes: frozenset[str]
    words: tuple[str, ...]  # stems of what says something, in order, without what is quoted
    sides: frozenset[str]
    negated: bool
    doubtful: bool


def reading(text: str) -> Reading:
    quotes = frozenset(_flat(quote) for quote in _QUOTED.findall(text))
    unquoted = _QUOTED.sub(" ", text)
    times = frozenset(f"{float(number):g}" for number in _TIME.findall(unquoted))
    bare = _TIME.sub(" ", unquoted)
    tokens = [token.lower().replace("’", "'") for token in _TOKEN.findall(bare)]
    numbers = {f"{float(number):g}" for number in _NUMBER.findall(bare)}
    numbers |= {str(_COUNTS[token]) for token in tokens if token in _COUNTS and token not in ("no", "one")}
    told = [token for token in tokens if token not in _FREE | _NEGATIONS | _DOUBTS and token not in _COUNTS]
    return Reading(
        times,
        frozenset(numbers),
        quotes,
        tuple(_STEMMER.stemWords(told)),
        frozenset(token for token in tokens if token in _SIDED),
        any(token in _NEGATIONS or token.endswith("n't") for token in tokens),
        any(token in _DOUBTS for token in tokens),
    )


def _flat(text: str) -> str:
    return " ".join(text.split()).rstrip(".,;:").casefold()


TOLD = 0.6
"""Share of the words of a source that a sentence must have to have told it."""


def added(text: str, sources: Sequence[str]) -> str | None:
    """What a sentence says beyond its sources, or otherwise than they do; None: nothing."""
    if not sources:
        return "it names no source"
    said, known = reading(text), [reading(source) for source in sources]
    return next(chain(_more(said, known), _otherwise(said, known)), None)


def _more(said: Reading, known: Sequence[Reading]) -> Iterator[str]:
    """What is in none of the sources."""
    yield from (f"the time {time} s" for time in sorted(said.times - _all(one.times for one in known)))
    yield from (f"the number {number}" for number in sorted(said.numbers - _all(one.numbers for one in known)))
    yield from (f"the quotation {quote!r}" for quote in sorted(said.quotes - _all(one.quotes for one in known)))
    words = {word for one in known for word in one.words}
    yield from (f"the word {word!r}" for word in said.words if word not in words)
    yield from (f"the word {side!r}" for side in sorted(said.sides - _all(one.sides for one in known)))


def _otherwise(said: Reading, known: Sequence[Reading]) -> Iterator[str]:
    """What is in the sources, but otherwise."""
    if said.negated != any(one.negated for one in known):
        yield "a negation" if said.negated else "what was denied, without the denial"
    if any(one.doubtful for one in known) and not said.doubtful:
        yield "certainty where there was doubt"
    turned = (one for one in known if not _in_order(one.words, said.words))
    yield from (f"the order of {' '.join(one.words)!r}" for one in turned)


def tells(text: str, source: str) -> bool:
    """Whether a sentence has what matters of one of its sources: all numbers and quotations, and most of its words."""
    said, known = reading(text), reading(source)
    if known.times - said.times or known.numbers - said.numbers or known.quotes - said.quotes:
        return False
    if known.negated and not said.negated:
        return False
    wanted = set(known.words)
    return len(wanted & set(said.words)) >= TOLD * len(wanted)


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset(each for one in sets for each in one)


def _in_order(source: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether words that a source has once stand in the sentence in its order: who does what to whom is order.

    Adverbs go where they like.
    """
    once = [word for word in source if source.count(word) == 1 and not word.endswith("li")]
    places = [said.index(word) for word in once if word in said]
    return places == sorted(places)
