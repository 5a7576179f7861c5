"""Answers from a reading; None where the prose does not tell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from types import MappingProxyType

from captioners.check.question import Question, Topic, plain
from captioners.check.reader import occurrences, turns
from captioners.check.reader.lexicon import unknown
from captioners.check.reader.read import read
from captioners.check.reader.said import Reading, Said, SaidTopic

Answerer = Callable[[Reading, Question], str | None]


@dataclass(frozen=True, slots=True)
class ProseReader:
    """The embedded reader: a grammar for times, numbers, colours and quotations. It reads topics, not English."""

    def reads(self, question: Question) -> bool:
        return question.topic in ANSWERS

    def answer(self, prose: str, question: Question) -> str | None:
        return ANSWERS[question.topic](read(prose, _names(question)), question)


def _names(question: Question) -> frozenset[str]:
    """The sound that is asked about, if only a listener knows it by that name."""
    if question.topic == "order":
        return unknown(name.removeprefix("event:") for name in question.about if name.startswith("event:"))
    return unknown(question.about[:1]) if question.topic.startswith("event") else frozenset()


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _number(topic: SaidTopic) -> Answerer:
    def answer(reading: Reading, _question: Question) -> str | None:
        return next((f"{item.number:g}" for item in reading.of(topic) if item.number is not None), None)

    return answer


def _value(topic: SaidTopic) -> Answerer:
    def answer(reading: Reading, _question: Question) -> str | None:
        return next((item.value for item in reading.of(topic) if item.value is not None), None)

    return answer


def _camera(reading: Reading, question: Question) -> str | None:
    said = [item.value for item in reading.of("camera") if item.value]
    offered = [value for value in said if value in question.options]
    return next(iter(offered or said), None)


def _dominant(reading: Reading, _question: Question) -> str | None:
    colours = reading.of("palette")
    shares = [item for item in colours if item.number is not None]
    if shares:
        return max(shares, key=lambda item: item.number or 0.0).value
    return colours[0].value if colours else None


def _colour(reading: Reading, question: Question) -> str | None:
    listed = [item.value for item in reading.of("palette")]
    if question.about[0] in listed or question.about[0] in [item.value for item in reading.of("colour")]:
        return "yes"
    return "no" if listed else None


def _drift(reading: Reading, _question: Question) -> str | None:
    """The way of all that moves; else that of whatever is said to go somewhere, if it is one way."""
    ways = {item.value for item in reading.of("drift") or reading.of("passing")}
    return ways.pop() if len(ways) == 1 else None


def _any_text(reading: Reading, _question: Question) -> str | None:
    if reading.of("text"):
        return "yes"
    return "no" if reading.none_of("text") else None


def _text_count(reading: Reading, _question: Question) -> str | None:
    shown = {plain(item.value) for item in reading.of("text") if item.value}
    return str(len(shown)) if shown else ("0" if reading.none_of("text") else None)


def _text(reading: Reading, question: Question) -> str | None:
    shown = [item.value for item in reading.of("text") if item.value]
    chosen = [option for option in question.options if plain(option) in {plain(text) for text in shown}]
    if len(chosen) == 1:
        return chosen[0]
    near = [text for text in shown if max(_alike(text, option) for option in question.options) >= 0.5]
    if near and not chosen:
        return near[0]
    return "none of these" if not chosen and (reading.closed("text") or reading.none_of("text")) else None


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, plain(one), plain(other)).ratio()


def _shown(reading: Reading, text: str) -> list[Said]:
    """Where the prose has this text; where it has it not, one that is nearly it."""
    said = [item for item in reading.of("text") if item.value]
    same = [item for item in said if plain(item.value or "") == plain(text)]
    return same or [item for item in said if _alike(item.value or "", text) >= 0.8]


def _text_time(reading: Reading, question: Question) -> str | None:
    starts = [time.start_s for item in _shown(reading, question.about[0]) for time in item.times]
    return _seconds(min(starts, default=None))


def _text_end(reading: Reading, question: Question) -> str | None:
    said = [time for item in _shown(reading, question.about[0]) for time in item.times]
    first = min(said, key=lambda time: time.start_s, default=None)
    return _seconds(first.end_s) if first else None


def _text_place(reading: Reading, question: Question) -> str | None:
    return next((item.place for item in _shown(reading, question.about[0]) if item.place), None)


def _any_speech(reading: Reading, _question: Question) -> str | None:
    if any(reading.of(topic) for topic in ("utterance", "word", "speech")):
        return "yes"
    return "no" if reading.none_of("speech") or reading.none_of("sound") else None


def _transcript(reading: Reading, _question: Question) -> str | None:
    return " ".join(occurrences.transcript(reading)) or None


def _next_word(reading: Reading, question: Question) -> str | None:
    words = occurrences.transcript(reading)
    if words.count(question.about[0]) != 1:
        return None
    at = words.index(question.about[0]) + 1
    return words[at] if at < len(words) else None


def _word_time(reading: Reading, question: Question) -> str | None:
    return _seconds(occurrences.word_start(reading, question.about[0], int(question.about[1])))


def _speech_time(reading: Reading, question: Question) -> str | None:
    times = occurrences.speech_times(reading)
    index = int(question.about[0]) - 1
    return _seconds(times[index].start_s) if index < len(times) else None


def _speakers(reading: Reading, _question: Question) -> str | None:
    number = turns.count(reading)
    return None if number is None else str(number)


def _same_speaker(reading: Reading, question: Question) -> str | None:
    same = turns.follows(reading, *question.about)
    return None if same is None else "yes" if same else "no"


def _who(reading: Reading, question: Question) -> str | None:
    label, told = turns.told_by(reading, question.about[0])
    named = [option for option in question.options if plain(option) == label]
    return named[0] if told and named else None


def _any_event(reading: Reading, _question: Question) -> str | None:
    if reading.of("event"):
        return "yes"
    return "no" if reading.none_of("event") or reading.none_of("sound") else None


def _event(reading: Reading, question: Question) -> str | None:
    label = question.about[0]
    if any(item.value == label for item in reading.of("event")):
        return "yes"
    told = reading.none_of("event", label) or reading.closed("event") or reading.none_of("sound")
    return "no" if told else None


def _event_count(reading: Reading, question: Question) -> str | None:
    number = occurrences.event_count(reading, question.about[0])
    return None if number is None else str(number)


def _event_time(reading: Reading, question: Question) -> str | None:
    times = occurrences.event_times(reading, question.about[0])
    index = int(question.about[1]) - 1
    return _seconds(times[index].start_s) if index < len(times) else None


def _event_pitch(reading: Reading, question: Question) -> str | None:
    label, nth = question.about
    times = occurrences.event_times(reading, label)
    said = [item for item in reading.of("event") if item.value == label and item.number is not None]
    if int(nth) <= len(times):
        said = [item for item in said if times[int(nth) - 1] in item.times] or said[: len(said) == 1]
    return f"{said[0].number:g}" if said else None


def _any_sound(reading: Reading, _question: Question) -> str | None:
    if reading.none_of("sound"):
        return "no"
    topics: tuple[SaidTopic, ...] = ("utterance", "word", "speech", "event", "music", "loudness")
    return "yes" if any(reading.of(topic) for topic in topics) else None


def _silence_time(reading: Reading, question: Question) -> str | None:
    times = sorted((time for item in reading.of("silence") for time in item.times), key=lambda time: time.start_s)
    index = int(question.about[0]) - 1
    return _seconds(times[index].start_s) if index < len(times) else None


def _any_music(reading: Reading, _question: Question) -> str | None:
    if reading.of("music"):
        return "yes"
    return "no" if reading.none_of("music") or reading.none_of("sound") else None


def _key(reading: Reading, _question: Question) -> str | None:
    return next((item.key for item in reading.of("music") if item.key), None)


def _metre(reading: Reading, _question: Question) -> str | None:
    return next((str(item.metre) for item in reading.of("music") if item.metre), None)


def _dynamics(reading: Reading, _question: Question) -> str | None:
    return next((item.course for item in reading.of("music") if item.course), None)


def _music_time(reading: Reading, _question: Question) -> str | None:
    starts = [time.start_s for item in reading.of("music") for time in item.times]
    return _seconds(min(starts, default=None))


def _order(reading: Reading, question: Question) -> str | None:
    places = [occurrences.place(reading, name) for name in question.about]
    if None in places:
        return None
    (first_time, first_at), (second_time, second_at) = (place for place in places if place is not None)
    if first_time is None and second_time is None:
        return question.options[0] if first_at < second_at else question.options[1]
    if first_time is None or second_time is None or abs(first_time - second_time) < 0.05:
        return None
    return question.options[0] if first_time < second_time else question.options[1]


ANSWERS: Mapping[Topic, Answerer] = MappingProxyType(
    {
        "duration": _number("duration"),
        "brightness": _value("brightness"),
        "dominant_colour": _dominant,
        "colour": _colour,
        "camera": _camera,
        "movement": _value("movement"),
        "drift": _drift,
        "frozen": _number("frozen"),
        "black": _number("black"),
        "bars": _number("bars"),
        "any_text": _any_text,
        "text_count": _text_count,
        "text": _text,
        "text_time": _text_time,
        "text_end": _text_end,
        "text_place": _text_place,
        "any_speech": _any_speech,
        "transcript": _transcript,
        "next_word": _next_word,
        "word_time": _word_time,
        "speech_time": _speech_time,
        "speakers": _speakers,
        "same_speaker": _same_speaker,
        "who": _who,
        "any_event": _any_event,
        "event": _event,
        "event_count": _event_count,
        "event_time": _event_time,
        "event_pitch": _event_pitch,
        "any_sound": _any_sound,
        "silence_time": _silence_time,
        "loudness": _value("loudness"),
        "any_music": _any_music,
        "tempo": _number("music"),
        "key": _key,
        "metre": _metre,
        "dynamics": _dynamics,
        "music_time": _music_time,
        "order": _order,
    }
)
