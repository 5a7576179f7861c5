"""Questions about who speaks, where the speakers are known."""

from collections.abc import Iterator
from itertools import pairwise

from captioners.check.bank.asking import Subject, ordinal, pick, shuffled
from captioners.check.question import Question, spoken
from captioners.speech_lines import Line, lines, speaker_name


def turns(it: Subject) -> Iterator[Question]:
    """How many speak, whether the same one goes on, and who says what among those that have names."""
    if it.evidence.sounds is None or it.clip.still:
        return
    said = lines(it.evidence.sounds)
    if not said or not all(line.speaker for line in said):
        return
    rows = tuple(line.rows[0].sound_id for line in said)[:16]
    yield it.ask("speech", "count", "speakers", "How many different people speak?",
                 str(len({line.speaker for line in said})), rows, tolerance=0)  # fmt: skip
    yield from _neighbours(it, said)
    yield from _names(it, said)


def _neighbours(it: Subject, said: tuple[Line, ...]) -> Iterator[Question]:
    for nth, (before, line) in enumerate(pairwise(said), 2):
        if _told_once(before, said) and _told_once(line, said):
            text = f"Is the {ordinal(nth)} utterance, “{line.text}”, by the same speaker as the one before it?"
            yield it.ask("speech", "yes_no", "same_speaker", text, "yes" if before.speaker == line.speaker else "no",
                         (before.rows[0].sound_id, line.rows[0].sound_id), about=(before.text or "", line.text or ""),
                         options=("yes", "no"), span=(before.start_us, line.end_us))  # fmt: skip


def _told_once(line: Line, said: tuple[Line, ...]) -> bool:
    """Whether it can be asked about by its words."""
    words = spoken(line.text or "")
    return bool(words) and sum(spoken(other.text or "") == words for other in said) == 1


def _names(it: Subject, said: tuple[Line, ...]) -> Iterator[Question]:
    names = sorted({line.speaker for line in said if line.speaker and speaker_name(line.speaker) == line.speaker})
    for line in said:
        if line.speaker in names and len(names) > 1 and _told_once(line, said):
            others = pick(line.rows[0].sound_id, [name for name in names if name != line.speaker], 3)
            yield it.ask("speech", "choice", "who", f"Who says “{line.text}”?", line.speaker,
                         (line.rows[0].sound_id,), about=(line.text or "",), span=(line.start_us, line.end_us),
                         options=shuffled(line.rows[0].sound_id, [line.speaker, *others]))  # fmt: skip
