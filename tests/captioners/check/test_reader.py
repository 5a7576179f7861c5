"""The reader understands prose that nobody wrote for it, and says so where it does not."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioners.check import Rules
from captioners.check.bank import questions
from captioners.check.question import Question, right
from captioners.check.reader import ProseReader, Said, Time, read
from captioners.check.reader.sentences import LONGEST, sentences, sentences_verbatim
from captioners.check.reader.times import stamps
from tests.captioners.evidences import known_evidence

READER = ProseReader()


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("at 2.40 s", [Time(2.4)]),
        ("at about 2.4 seconds", [Time(2.4)]),
        ("2.4 seconds in", [Time(2.4)]),
        ("at 0:02.4", [Time(2.4)]),
        ("at 1:02", [Time(62.0)]),
        ("after two seconds", [Time(2.0)]),
        ("from 1.2 s to 3.4 s", [Time(1.2, 3.4)]),
        ("between 1.2 and 3.4 seconds", [Time(1.2, 3.4)]),
        ("(1.2-3.4 s)", [Time(1.2, 3.4)]),
        ("starting at 1.2 s and ending at 3.4 s", [Time(1.2, 3.4)]),
        ("from 0:01 to 0:03", [Time(1.0, 3.0)]),
        ("until 3 s", [Time(0.0, 3.0)]),
        ("at the beginning", [Time(0.0)]),
        ("at 1.2, 2.4 and 3.1 s", [Time(1.2), Time(2.4), Time(3.1)]),
        ("a 440 Hz tone, 38 % of the clip, 120 BPM, three knocks, the ones above", []),
    ],
)
def test_times_are_read_in_many_forms(text: str, times: list[Time]) -> None:
    assert [stamp.time for stamp in stamps(text)[1]] == times


def test_quotations_neither_end_sentences_nor_speak_for_the_author() -> None:
    prose = 'A voice says: "Stop. The red dog barks at 2.0 s." It is dark. The sign reads “No. 5”.'
    assert sentences_verbatim(prose) == [
        'A voice says: "Stop. The red dog barks at 2.0 s."', "It is dark.", "The sign reads “No. 5”.",
    ]  # fmt: skip
    assert [[quote.text for quote in s.quotes] for s in sentences(prose)] == [
        ["Stop. The red dog barks at 2.0 s."], [], ["No. 5"],
    ]  # fmt: skip
    assert not read(prose).of("event")
    assert not read(prose).of("colour")


def _events(prose: str) -> list[tuple[str | None, tuple[float, ...], int | None]]:
    return [(i.value, tuple(time.start_s for time in i.times), i.count) for i in read(prose).of("event")]


@pytest.mark.parametrize(
    ("prose", "events"),
    [
        ("Someone knocks at 1.2 s.", [("knock", (1.2,), 1)]),
        ("At 1.2 s a thud is heard, then at 2.4 s a beep.", [("knock", (1.2,), 1), ("tone", (2.4,), 1)]),
        ("A thud at 1.2 s, a beep at 2.4 s.", [("knock", (1.2,), 1), ("tone", (2.4,), 1)]),
        ("A thud and a beep sound together at 2 s.", [("knock", (2.0,), 1), ("tone", (2.0,), 1)]),
        ("Two loud bangs ring out at 1.0 and 2.0 s; a hiss follows at 4 s.",
         [("knock", (1.0, 2.0), 2), ("noise", (4.0,), 1)]),
        ("A beep sounds three times.", [("tone", (), 3)]),
        ("Several knocks are heard.", [("knock", (), None)]),
        ("A knock is heard. It comes at 2.5 s.", [("knock", (2.5,), 1)]),
        ("You can hear a dog bark at 3 s.", [("bark", (3.0,), 1)]),
        ("The walls have warm tones.", []),
        ("There is no knock.", []),
    ],
)  # fmt: skip
def test_sounds_are_read_with_their_times_and_counts(prose: str, events: list[object]) -> None:
    assert _events(prose) == events


@pytest.mark.parametrize(
    ("prose", "move"),
    [
        ("The view sweeps gently to the right.", "pan right"),
        ("A leftward pan.", "pan left"),
        ("The camera slowly pushes in on the door.", "zoom in"),
        ("The camera pulls back.", "zoom out"),
        ("The camera cranes upwards.", "tilt up"),
        ("Shaky handheld camera work.", "shake"),
        ("The camera rotates anti-clockwise.", "roll counterclockwise"),
        ("The shot is locked off.", "static"),
        ("The camera never moves.", "static"),
        ("The man walks to the right.", None),
    ],
)
def test_camera_moves_are_read(prose: str, move: str | None) -> None:
    assert next((said.value for said in read(prose).of("camera")), None) == move


@pytest.mark.parametrize(
    ("prose", "said"),
    [
        ("What moves in the picture goes to the left.", [("drift", "left")]),
        ("The things drift leftwards.", [("drift", "left")]),
        ("Everything moves from left to right.", [("drift", "right")]),
        ("A downward motion of the shapes.", [("drift", "down")]),
        ("What moves is carried from bottom to top.", [("drift", "up")]),
        ("A man walks to the right.", [("passing", "right")]),
        ("A car drives to the left of the tree.", []),
        ("The shapes go up and down.", []),
        ("The camera goes to the left.", []),
        ("The text moves up.", []),
        ("A man walks up the stairs, then passes right by the door.", []),
        ("They run to the left.", [("passing", "left")]),
        ("A woman looks to the left.", []),
    ],
)
def test_ways_of_things_are_read(prose: str, said: list[tuple[str, str]]) -> None:
    assert [(one.topic, one.value) for one in read(prose).said if one.topic in {"drift", "passing"}] == said


@pytest.mark.parametrize(
    ("prose", "speakers"),
    [
        ("Speaker 1 says from 1.00 s to 2.00 s: “Hello.” Speaker 2 says: “Hi.”", ["speaker 1", "speaker 2"]),
        ("At 1.0 s, the second speaker says “Hi”.", ["speaker 2"]),
        ("Speaker two says “go left” at 3 s.", ["speaker 2"]),
        ("“Mind the gap.” is spoken by Anna at 3.6 s.", ["anna"]),
        ("Then Ben Okri says “Hello”, and Anna replies “Hi”.", ["ben okri", "anna"]),
        ("Anna’s voice says “Yes”. The same voice adds: “No”.", ["anna", "the same"]),
        ("“Hello”, Ben says 3.2 s into the clip.", ["ben"]),
        ("Somebody says “Hello”, Ben says “Hi”.", [None, "ben"]),
        ("“Hello”, a voice says.", [None]),
        ("Another voice says “Who?”.", ["another"]),
        ("A man says “Hey”.", ["man"]),
        ("At 2 s a voice says “Hey”.", [None]),
    ],
)
def test_speakers_are_read_beside_what_they_say(prose: str, speakers: list[str | None]) -> None:
    assert [one.speaker for one in read(prose).of("utterance")] == speakers


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Anna says", "Anna says", "yes"), ("Anna says", "Ben says", "no"), ("Anna says", "The same voice says", "yes"),
        ("Anna says", "Another voice says", "no"), ("A man says", "A man says", None),
        ("A man says", "A woman says", "no"), ("A man says", "Anna says", None), ("A voice says", "Anna says", None),
    ],
)  # fmt: skip
def test_who_goes_on_speaking_is_told_only_where_it_is_said(first: str, second: str, same: str | None) -> None:
    prose = f"{first} “Mind the gap” at 1.0 s. {second} “Which gap” at 3.0 s."
    question = dataclasses.replace(_question("same_speaker"), about=("Mind the gap.", "Which gap?"))
    assert READER.answer(prose, question) == same


@pytest.mark.parametrize(
    ("prose", "count"),
    [
        ("Speaker 1 says “A”. Speaker 2 says “B”. Speaker 1 says “C”.", "2"), ("Two people speak.", "2"),
        ("Anna says “A”. A voice says “B”.", None), ("A man says “A”. A man says “B”.", None),
    ],
)  # fmt: skip
def test_speakers_are_counted_only_where_all_are_told_apart(prose: str, count: str | None) -> None:
    assert READER.answer(prose, _question("speakers")) == count


def _question(topic: str) -> Question:
    return Question("speech", "count", topic, "?", "?", 0, 1, ())  # type: ignore[arg-type]


def test_a_sound_is_known_by_the_name_of_its_listener() -> None:
    bells = "Two Church bells are heard: at 1.00 s and at 2.50 s."
    prose = f"{bells} A Chirp, tweet is heard at 4.00 s. No other sound is heard."
    asked = {
        ("event", "Church bell"): "yes", ("event_count", "Church bell"): "2", ("event", "Chirp, tweet"): "yes",
        ("event", "Vehicle"): "no", ("event_count", "Chirp, tweet"): "1",
    }  # fmt: skip
    for (topic, label), answer in asked.items():
        assert READER.answer(prose, dataclasses.replace(_question(topic), about=(label,))) == answer, label
    at = dataclasses.replace(_question("event_time"), about=("Church bell", "2"))
    assert READER.answer(prose, at) == "2.50"
    assert not [one for one in read("A vehicle stands there.", frozenset({"Vehicle"})).said if one.topic == "event"]


def test_a_camera_that_does_not_stand_still_moves() -> None:
    for prose in (
        "Rather than standing still, the camera pans right.",
        "The camera does not stand still: it pans right.",
    ):
        assert [one.value for one in read(prose).of("camera")] == ["pan right"]


def test_of_bright_and_not_dark_the_light_is_read() -> None:
    assert [one.value for one in read("The scene is bright, not dark.").of("brightness")] == ["bright"]


def test_absences_reach_over_a_list() -> None:
    reading = read("There is no speech, music or text.")
    assert reading.none_of("speech")
    assert reading.none_of("music")
    assert reading.none_of("text")


def test_dark_blue_is_a_colour_and_not_a_light() -> None:
    reading = read("The picture is mostly dark blue.")
    assert reading.of("palette") == [Said("palette", "blue")]
    assert not reading.of("brightness")


BY_HAND = (
    "A murky eight-second shot, dominated by crimson with patches of navy and some gray. The view glides to the right, "
    "and there is a fair amount of movement in the picture. It is letterboxed: about a quarter is black bars. In the "
    "upper left corner a sign says “EXIT” between 1 and 3 seconds; later, from 4.0 to 7.5 s, the lettering “Gate 12” "
    "appears at the bottom. Nothing else is written.\n"
    "A tune in the key of A minor plays at 120 BPM from 0.5 s on. Someone knocks at 1.2 s, and again at 2.4 and 3.1 s. "
    "At 3.6 s a woman says “Mind the gap”. From 5 to 6 s a 440-hertz beep sounds. The clip falls silent at 6.2 s. "
    "Overall the volume is moderate.",
    "At the bottom, the words “Gate 12” can be seen on screen from 4.0 s to 7.5 s, and “EXIT” is written in the top "
    "left from 1.0 s to 3.0 s. The palette: red, blue, grey. It is a dim scene. We pan right. Three thuds (at 1.2 s, "
    "2.4 s and 3.1 s) and one long tone of 440 Hz, starting at 5.0 s, can be heard. “Mind the gap.” is spoken by a man "
    "at 3.6 s. The music starts at 0.5 s; its tempo is 120 beats per minute, its key A minor. The video is 8 s long.",
)


@pytest.mark.parametrize("prose", BY_HAND)
def test_captions_by_hand_are_never_taken_for_wrong(prose: str) -> None:
    asked = questions(known_evidence(), Rules())
    answers = [(question, READER.answer(prose, question)) for question in asked]
    assert [(q.text, q.truth, answer) for q, answer in answers if answer is not None and not right(q, answer)] == []
    assert sum(answer is not None for _, answer in answers) >= 0.8 * len(asked)


PLANTED = (
    ("crimson", "emerald", "colour"),
    ("to the right", "to the left", "camera"),
    ("murky", "brightly lit", "light"),
    ("“EXIT”", "“EXIST”", "text"),
    ("again at 2.4 and 3.1 s", "again at 2.4 s", "event"),
    ("again at 2.4 and 3.1 s", "again at 4.1 and 4.8 s", "event"),
    ("440-hertz", "880-hertz", "event"),
    ("From 5 to 6 s a", "From 3 to 4 s a", "event"),
    ("120 BPM", "96 BPM", "music"),
    ("A minor", "C major", "music"),
    ("Mind the gap", "Mind the cat", "speech"),
    ("volume is moderate", "volume is high", "loudness"),
    ("from 4.0 to 7.5 s", "from 0.0 to 7.5 s", "text"),
    ("from 4.0 to 7.5 s", "from 5.9 to 7.5 s", "order"),
)


@pytest.mark.parametrize(("true", "false", "axis"), PLANTED)
def test_an_error_planted_by_hand_shows_on_its_axis(true: str, false: str, axis: str) -> None:
    assert true in BY_HAND[0]
    before, after = (_right(prose, axis) for prose in (BY_HAND[0], BY_HAND[0].replace(true, false)))
    assert after < before


def _right(prose: str, axis: str) -> int:
    asked = [q for q in questions(known_evidence(), Rules()) if q.axis == axis]
    answers = [(q, READER.answer(prose, q)) for q in asked]
    return sum(answer is not None and right(q, answer) for q, answer in answers)


PARTS = (
    "at", "from", "to", "1.2", "s", "two", "0:03", '"', "“", "”", "'", "knock", "tone", "red", "38", "%", "camera",
    "pans", "left", "no", "other", ".", ",", ";", "\n", "440", "Hz", "BPM", "A", "minor", "text", "says", "“x”", "-3",
    "LUFS", "İ",
)  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=40).map(" ".join) | st.text(max_size=200))
def test_any_prose_can_be_read(prose: str) -> None:
    read(prose)
    assert "".join("".join(sentences_verbatim(prose)).split()) == "".join(prose.split())


@pytest.mark.parametrize("part", ["1, ", "knock ", '"x" ', "1"])
def test_a_sentence_without_end_is_read_in_pieces(part: str) -> None:
    pieces = sentences(part * 5000)
    assert max(len(piece.plain) for piece in pieces) <= LONGEST
    assert sum(len(piece.quotes) for piece in pieces) == 5000 * part.count("x")


def test_without_prose_there_is_no_answer() -> None:
    assert all(READER.answer("", question) is None for question in questions(known_evidence(), Rules()))


def test_the_reader_looks_at_nothing_but_topic_and_prose() -> None:
    """The truth may be anything: the answer is the same."""
    for question in questions(known_evidence(), Rules()):
        blank: Question = dataclasses.replace(question, truth="?", evidence=())
        assert READER.answer(BY_HAND[0], blank) == READER.answer(BY_HAND[0], question)
