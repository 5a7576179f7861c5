"""Questions about what is said."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from captioners.check.bank.asking import Subject, ordinal, pick, shuffled
from captioners.check.question import Question, spoken
from captioners.readings import has_sound, row_id, value
from captioners.speech_lines import Line, lines

NO_SPEECH_SHARE = 0.02


def speech(it: Subject) -> Iterator[Question]:
    """Whether somebody speaks, what, in which order and when."""
    if it.evidence.sounds is None or it.clip.still:
        return
    said = lines(it.evidence.sounds)
    share = value(it.evidence, "speech_share")
    if said or not has_sound(it.evidence) or share is None or share < NO_SPEECH_SHARE:
        rows = tuple(row.sound_id for line in said for row in line.rows)[:16] or ("sounds",)
        rows += () if share is None else (row_id("speech_share"),)
        yield it.ask("speech", "yes_no", "any_speech", "Does anybody speak?", "yes" if said else "no", rows,
                     options=("yes", "no"))  # fmt: skip
    for nth, line in enumerate(said, 1):
        start = f"{it.seconds(line.start_us):.2f}"
        text = f"At which second does the {ordinal(nth)} utterance begin?"
        yield it.ask("speech", "time", "speech_time", text, start,
                     (line.rows[0].sound_id,), about=(str(nth),), tolerance=it.rules.time_s,
                     span=(line.start_us, line.end_us))  # fmt: skip
    if said and all(line.text for line in said):
        yield from _words(it, said)


def _words(it: Subject, said: tuple[Line, ...]) -> Iterator[Question]:
    spelled = [word for line in said for word in spoken(line.text or "")]
    rows = tuple(line.rows[0].sound_id for line in said)[:16]
    if all(it.sure(row.score) for line in said for row in line.rows):
        yield it.ask("speech", "verbatim", "transcript", "What is said, word for word?", " ".join(spelled), rows)
        yield from _neighbours(it, spelled, rows)
    heard = sorted((row for line in said for row in line.words), key=lambda row: row.start_us)
    seen: Counter[str] = Counter()
    for row in heard:
        tokens = spoken(row.text or "")
        if len(tokens) != 1:
            continue
        seen[tokens[0]] += 1
        if it.sure(row.score):
            text = f"At which second is the word “{tokens[0]}” said for the {ordinal(seen[tokens[0]])} time?"
            yield it.ask("speech", "time", "word_time", text, f"{it.seconds(row.start_us):.2f}", (row.sound_id,),
                         about=(tokens[0], str(seen[tokens[0]])), tolerance=it.rules.word_time_s,
                         span=(row.start_us, row.end_us))  # fmt: skip


def _neighbours(it: Subject, spelled: list[str], rows: tuple[str, ...]) -> Iterator[Question]:
    """Which word follows each word that is said once only."""
    counts = Counter(spelled)
    for word, following in pairwise(spelled):
        others = pick(word, sorted({other for other in spelled if other not in (word, following)}), 3)
        if counts[word] == 1 and others:
            yield it.ask("speech", "choice", "next_word", f"Which word is said right after “{word}”?", following, rows,
                         about=(word,), options=shuffled(word, [following, *others]))  # fmt: skip
