"""Errors that are put into captions are noticed; true captions raise no alarm."""

import dataclasses
from random import Random

import pytest

from captioners.check import Check, Rules
from captioners.check.mutate import MUTATIONS, SEER, Victim, broken
from captioners.check.mutate.detection import Detections, Rate, detection_rates, rate
from captioners.check.question import Question, Reader
from captioners.check.reader import ProseReader
from captioners.evidence import CaptionedEvidence, Evidence
from captioners.record import Basis, Record, Subject
from captioners.retelling import Making, caption
from schemas.clip import MusicPart, Sound
from schemas.question import QuizQuestion
from tests.captioners.check.other_voice import retold
from tests.captioners.evidences import captioned, clip, known_evidence, media, random_evidence, score, sound

CLIPS = 30


@pytest.fixture(scope="module", params=["own voice", "other voice"])
def table(request: pytest.FixtureRequest) -> Detections:
    seeds = range(CLIPS)
    if request.param == "own voice":
        return detection_rates((captioned(random_evidence(seed)) for seed in seeds), Check())
    return detection_rates((retold(random_evidence(seed), seed) for seed in seeds), Check())


def test_each_kind_of_error_that_tools_see_is_noticed_on_its_own_axis(table: Detections) -> None:
    assert {row.kind for row in table.kinds} == set(MUTATIONS)
    for row in table.kinds:
        if row.seer:
            assert (row.broken, row.rate) == (0, None), "no tool asks of it"
        else:
            assert row.broken > 0, row
            assert row.rate is not None
            assert row.rate.value >= 0.95, row


def test_there_are_no_false_alarms(table: Detections) -> None:
    assert table.captions == CLIPS
    assert table.false_alarm_rate is not None
    assert table.false_alarm_rate.value == 0.0


def full_evidence() -> Evidence:
    """The known clip, with two who speak by name, music in bars that swells, and things that go one way."""
    known = known_evidence()
    of = known.clip
    way = {"dx_px_s": -40.0, "dy_px_s": 1.0, "agreement": 0.99, "share": 0.6}
    reply = sound(of, "sentence", 1, 4.5, 4.9, text="Which gap?", speaker="Ben", score=0.9)
    sounds = (*map(_fuller, known.sounds or ()), reply)
    return dataclasses.replace(known, scores=(*known.scores, score(of, "drift", 40.0, way)), sounds=sounds)


def _fuller(row: Sound) -> Sound:
    if row.kind == "music":
        return dataclasses.replace(row, metre=3, parts=(MusicPart(row.start_us, row.end_us, "crescendo", -20.0),))
    return dataclasses.replace(row, speaker="Anna") if row.kind in {"word", "sentence"} else row


def asked(axis: str, kind: str, text: str, truth: str) -> QuizQuestion:
    of = clip()
    return QuizQuestion(
        question_id=f"{of.clip_id}?{text}", clip_id=of.clip_id, asker="model", axis=axis, kind=kind, topic="free",
        text=text, truth=truth, start_us=of.start_us, end_us=of.end_us, evidence=(), about=(), options=(),
        tolerance=0.0 if kind == "count" else None, pair=None, stable=True, sittings=(), model="test", revision=None,
        engine="test", profile="test", prompt="", prompt_hash="", sampling="{}", tokens_in=0, tokens_out=0,
    )  # fmt: skip


def seen() -> CaptionedEvidence:
    """The full clip as one tells it who sees two dogs, and what it asks of them."""
    row = captioned(full_evidence())
    record = Record.model_validate_json(row.caption.record)
    dogs = Subject(name="small dog", count=2, looks="brown", basis=Basis(evidence=("frames",), origin="vlm"))
    told = record.model_copy(update={"subjects": (dogs,)})
    questions = (
        asked("subject", "count", "How many dogs are there?", "2"),
        asked("subject", "yes_no", "Is there a dog in the picture?", "yes"),
    )
    return CaptionedEvidence(caption(row.evidence.id, told, Making("test")), row.evidence, questions)


class Keen:
    """Reads the questions about the dogs, and no other."""

    def reads(self, question: Question) -> bool:
        return question.topic == "free"

    def answer(self, prose: str, question: Question) -> str | None:
        number = {f"There are {word} small dog": str(n) for n, word in enumerate(("two", "three", "four"), 2)}
        told = next((n for words, n in number.items() if words in prose), None)
        return told if question.kind == "count" else "yes" if told else None


def _broken(row: CaptionedEvidence, kind: str) -> str | None:
    reader: Reader = Keen() if kind in SEER else ProseReader()
    mutant = broken(Victim(row, Rules(), Random(1), reader), MUTATIONS[kind])  # noqa: S311  the same for the same seed
    if mutant is None:
        return None
    assert mutant.caption.record == row.caption.record
    assert mutant.caption.caption_id == row.caption.caption_id
    return mutant.caption.dense


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_mutation_changes_the_prose_and_nothing_else_of_the_row(kind: str) -> None:
    row = seen()
    prose = _broken(row, kind)
    assert prose is not None
    assert prose != row.caption.dense


@pytest.mark.parametrize(
    ("kind", "true", "false"),
    [
        ("wrong direction", "goes to the left", "goes to the right"),
        ("wrong metre", "three beats to a bar", "four beats to a bar"),
        ("wrong dynamics", "growing louder", "growing softer"),
        ("missing object", "There are two small dog, brown. ", ""),
    ],
)
def test_what_is_wrong_is_what_the_kind_says(kind: str, true: str, false: str) -> None:
    row = seen()
    assert true in row.caption.dense
    assert _broken(row, kind) == row.caption.dense.replace(true, false)


def test_words_are_given_to_another_speaker() -> None:
    row = seen()
    prose = _broken(row, "wrong speaker")
    assert row.caption.dense.count("Anna says") == row.caption.dense.count("Ben says") == 1
    assert prose is not None
    assert {prose.count("Anna says"), prose.count("Ben says")} == {0, 2}


def test_what_is_first_is_first_though_it_is_not_sure() -> None:
    """Somebody speaks first with a word that is in doubt: a later word that moves changes no order."""
    row = captioned(random_evidence(37))
    assert "these words are uncertain" in row.caption.dense
    (found,) = (one for one in detection_rates([row], Check()).kinds if one.kind == "reversed order")
    assert (found.broken, found.noticed) == (1, 1)


def test_things_that_no_tool_sees_are_noticed_by_a_reader_of_what_a_model_asked() -> None:
    table = {row.kind: row for row in detection_rates([seen()], Check(), reader=Keen()).kinds}
    assert [(table[kind].broken, table[kind].noticed) for kind in sorted(SEER)] == [(1, 1), (1, 1)]
    unread = {row.kind: row.broken for row in detection_rates([seen()], Check()).kinds}
    assert [unread[kind] for kind in sorted(SEER)] == [0, 0]


@pytest.mark.parametrize("kind", MUTATIONS)
def test_where_there_is_nothing_to_break_nothing_is_broken(kind: str) -> None:
    row = captioned(Evidence(clip(), media(audio=True), (), None, None))
    assert broken(Victim(row, Rules(), Random(1)), MUTATIONS[kind]) is None  # noqa: S311  as above


def test_a_blind_check_detects_nothing() -> None:
    """The rates are of the check, not of the mutations: rules that ask of nothing break nothing."""
    bare = Evidence(clip(), media(), (), None, None)
    table = detection_rates([captioned(bare)], Check())
    assert all(row.broken == 0 and row.rate is None for row in table.kinds)


def test_rates_have_wilson_intervals() -> None:
    assert rate(0, 0) is None
    none, most, all_ = rate(0, 10), rate(95, 100), rate(10, 10)
    assert none == Rate(0.0, 0.0, pytest.approx(0.2775, abs=1e-4))
    assert most == Rate(0.95, pytest.approx(0.8882, abs=1e-4), pytest.approx(0.9785, abs=1e-4))
    assert all_ == Rate(1.0, pytest.approx(0.7225, abs=1e-4), pytest.approx(1.0))
