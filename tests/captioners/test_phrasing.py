"""A model may put a caption in other words; what it adds, turns or leaves out is not taken, and nothing is lost."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from captioners.asking import Ask
from captioners.blend import Blend
from captioners.phrasing import Phrase
from curate.errors import RowError, Unreachable
from curate.stage import Outcome
from schemas.caption import Caption
from tests.captioners.evidences import known_evidence
from tests.captioners.seeing.scripted import Scripted

PLAIN = next(iter(Blend().open()([known_evidence()]))).rows[0]


def phrased(answer: Callable[[list[str]], str | RowError], *, whole: bool = True) -> Outcome[Caption]:
    """The caption of the known evidence, phrased by a model that is shown its statements."""

    def said(ask: Ask) -> str | RowError:
        (words,) = ask.parts
        assert isinstance(words, str)
        lines = [line.partition(". ") for line in words.splitlines()]
        return answer([text for number, _, text in lines if number.isdigit()])

    model: Any = Scripted(said, whole=whole)
    (outcome,) = Blend(phrase=Phrase(model)).open()([known_evidence()])
    return outcome


def prose(*sentences: tuple[str, list[int]]) -> str:
    return json.dumps({"sentences": [{"text": text, "of": of} for text, of in sentences]})


def test_what_a_model_says_as_it_was_told_is_taken() -> None:
    outcome = phrased(lambda known: prose(*((text, [at]) for at, text in enumerate(known, 1))))
    (caption,) = outcome.rows
    assert caption.dense == PLAIN.dense
    assert caption.phrasing is not None and caption.phrasing.refused == ()
    assert all(sentence.statements == (sentence.text,) for sentence in caption.phrasing.sentences)


def test_joined_statements_stand_where_the_first_of_them_stood() -> None:
    seen = list[str]()

    def join(known: list[str]) -> str:
        seen[:] = known
        return prose((f"{known[0].rstrip('.')}, and {known[1]}", [1, 2]))

    (caption,) = phrased(join).rows
    assert caption.phrasing is not None and len(caption.phrasing.sentences) == 1
    joined = caption.phrasing.sentences[0].text
    assert caption.dense == PLAIN.dense.replace(f"{seen[0]} {seen[1]}", joined)
    assert caption.caption_id != PLAIN.caption_id


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda known: prose((known[0].rstrip(".") + " in a joyful mood.", [1])), "the word 'joy"),
        (lambda known: prose((known[0], [1]), (known[0], [1])), "told before"),
        (lambda known: prose((known[0], [99])), "there is no statement 99"),
        (lambda known: prose(("The clip.", [1])), "leaves out of"),
        (lambda known: prose((known[0], [2])), "not in its statements"),
        (lambda known: "Once upon a time", "not JSON"),
        (lambda known: json.dumps({"story": "x"}), "not what was asked for"),
    ],
)
def test_what_is_not_taken_is_kept_with_the_reason_and_told_in_our_words(
    make: Callable[[list[str]], str], why: str
) -> None:
    (caption,) = phrased(make).rows
    assert caption.dense == PLAIN.dense
    assert caption.phrasing is not None
    assert any(why in line for line in caption.phrasing.refused)


def test_prose_that_was_cut_off_is_not_taken() -> None:
    (caption,) = phrased(lambda known: prose((known[0], [1])), whole=False).rows
    assert caption.dense == PLAIN.dense
    assert caption.phrasing is not None and caption.phrasing.refused[0].startswith("cut off")


def test_a_model_that_cannot_be_reached_leaves_the_row_for_later() -> None:
    outcome = phrased(lambda known: Unreachable("no replica answers"))
    assert outcome.failure is not None and outcome.failure.kind == "unreachable" and outcome.rows == ()


def test_without_a_model_a_caption_is_as_it_was() -> None:
    assert PLAIN.phrasing is None
    assert dataclasses.asdict(PLAIN)["captioner"] == "measured"
