"""Statements about who speaks."""

from captioners.check.judge.finding import Court
from captioners.check.question import plain
from captioners.check.reader.said import Said
from captioners.check.reader.turns import one_speaker, same_words, speakers_of
from captioners.speech_lines import Line, lines, speaker_name


def wrong_speaker(court: Court, said: Said, own: list[Line]) -> bool:
    """Whether the words are those of another speaker.

    A name is right or wrong by itself. A number only tells speakers apart, and whoever wrote the prose may count them
    in another order: it is wrong where it is that of another's words, or the same speaker has another one.
    """
    if said.speaker is None or len(own) != 1 or own[0].speaker is None:
        return False
    speaker = own[0].speaker
    names = {plain(line.speaker) for line in lines(court.it.evidence.sounds or ()) if line.speaker}
    if said.speaker in names and speaker_name(speaker) == speaker:
        return said.speaker != plain(speaker)
    return any(_differs(said.speaker, speaker, *other) for other in _others(court, said))


def _differs(label: str, speaker: str, other_label: str, other_speaker: str) -> bool:
    same = one_speaker(other_label, label)
    return same is not None and same is not (speaker == other_speaker)


def _others(court: Court, said: Said) -> list[tuple[str, str]]:
    """Label and true speaker of the other utterances of the prose."""
    found = []
    for item, label in speakers_of(court.prose):
        if label is None or same_words(item.value, said.value or ""):
            continue
        true = {
            line.speaker for line in lines(court.it.evidence.sounds or ()) if same_words(line.text, item.value or "")
        }
        if len(true) == 1 and (speaker := true.pop()) is not None:
            found.append((label, speaker))
    return found
