"""Questions about what is written on screen."""

from collections.abc import Iterator

from captioners import certainty, degrees
from captioners.check.bank.asking import Subject, pick, shuffled
from captioners.check.question import Question, plain
from schemas.clip import Text


def texts(it: Subject) -> Iterator[Question]:
    """Whether there is text, how many, and of each: its letters, its time, its place."""
    if it.evidence.texts is None:
        return
    found = [row for row in it.evidence.texts if row.text.strip()]
    shown = _first_of_each(list(filter(certainty.legible, found)))
    rows = tuple(row.text_id for row in shown[:16]) or ("texts",)
    every = certainty.all_read(it.evidence)
    if shown or every:
        yield it.ask("text", "yes_no", "any_text", "Is anything written on screen?", "yes" if shown else "no", rows,
                     options=("yes", "no"))  # fmt: skip
    if not all(it.sure(row.score) for row in shown):
        shown = [row for row in shown if it.sure(row.score)]
    elif shown and every:
        count = "How many different texts are written on screen?"
        yield it.ask("text", "count", "text_count", count, str(len(shown)), rows, tolerance=0)
    for row in shown:
        yield from _about(it, row, [plain(other.text) for other in shown])


def _first_of_each(rows: list[Text]) -> list[Text]:
    found: dict[str, Text] = {}
    for row in sorted(rows, key=lambda row: (row.start_us, row.text_id)):
        found.setdefault(plain(row.text), row)
    return list(found.values())


def _about(it: Subject, row: Text, shown: list[str]) -> Iterator[Question]:
    text, span = " ".join(row.text.split()), (row.start_us, row.end_us)
    wrong = [other for other in distorted(text) if plain(other) not in shown][:3]
    yield it.ask("text", "choice", "text", "Which of these is written on screen?", text, (row.text_id,), span=span,
                 options=shuffled(row.text_id, [text, *wrong]))  # fmt: skip
    if not it.clip.still:
        start = f"{it.seconds(row.start_us):.2f}"
        yield it.ask("text", "time", "text_time", f"At which second does the text “{text}” appear?", start,
                     (row.text_id,), about=(text,), tolerance=it.rules.text_time_s, span=span)  # fmt: skip
        end = f"{it.seconds(row.end_us):.2f}"
        yield it.ask("text", "time", "text_end", f"At which second is the text “{text}” gone?", end,
                     (row.text_id,), about=(text,), tolerance=it.rules.text_time_s, span=span)  # fmt: skip
    places = ("top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right")
    place = degrees.place(row.x, row.y, row.width, row.height)
    if _well_inside(row):
        others = pick(row.text_id, [name for name in places if name != place], 3)
        yield it.ask("text", "choice", "text_place", f"Where on screen is the text “{text}”?", place, (row.text_id,),
                     about=(text,), options=shuffled(row.text_id, [place, *others]), span=span)  # fmt: skip


def _well_inside(row: Text) -> bool:
    """Whether its middle is away from the lines between the ninths of the picture."""
    middles = (row.x + row.width / 2, row.y + row.height / 2)
    return all(abs(middle - line) > 0.04 for middle in middles for line in (1 / 3, 2 / 3))


def distorted(text: str) -> list[str]:
    """Texts that look like this one: a letter changed, two swapped, a word dropped or turned."""
    swaps = {"a": "o", "e": "a", "o": "u", "i": "l", "t": "f", "n": "m", "1": "7", "0": "8", "s": "z", "r": "n"}
    found = []
    for at, letter in enumerate(text):
        if letter.lower() in swaps:
            new = swaps[letter.lower()]
            found.append(text[:at] + (new.upper() if letter.isupper() else new) + text[at + 1 :])
            break
    words = text.split()
    if len(words) > 1:
        found += [" ".join(words[:-1]), " ".join(reversed(words))]
    if len(text) > 2:
        found.append(text[:-2] + text[-1] + text[-2])
    found.append(f"{text}{text[-1]}")
    return [other for other in dict.fromkeys(found) if plain(other) != plain(text)]
