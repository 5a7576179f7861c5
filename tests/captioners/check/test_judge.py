"""Claims in reverse: each is held against the rows."""

import dataclasses

import pytest

from captioners.check import Rules
from captioners.check.bank.asking import Subject
from captioners.check.judge import Court, judge
from captioners.check.reader import read
from captioners.evidence import Evidence
from tests.captioners.evidences import caption_of, clip, known_evidence, media, score, sound


def _judge(statement: str, evidence: Evidence | None = None, prose: str = "") -> str:
    return judge(Court(Subject(evidence or known_evidence(), Rules()), read(prose)), statement)


@pytest.mark.parametrize(
    "statement",
    [
        "The picture is dark.",
        "It is mostly red.",
        "The main colours are red (52 %) and blue.",
        "The camera pans right.",
        "A knock is heard at 1.2 s.",
        "Three knocks are heard.",
        "A 440 Hz tone is heard from 5 s to 6 s.",
        "The music is in A minor at 121 BPM.",
        "A sign reads “EXIT” at the top left from 1.0 s to 3.0 s.",
        "Somebody says “mind the gap” at 3.6 s.",
        "A voice says “the gap”.",
        "It is silent from 6.2 s to 7.0 s.",
        "The clip lasts 8 s.",
        "There is no hiss.",
        "The camera does not pan left.",
    ],
)
def test_what_the_rows_say_is_supported(statement: str) -> None:
    assert _judge(statement) == "supported"


@pytest.mark.parametrize(
    "statement",
    [
        "The picture is bright.",
        "The palette is green and red.",
        "The main colours are red (20 %) and blue.",
        "The camera pans left.",
        "The camera is static.",
        "A knock is heard at 4.2 s.",
        "Four knocks are heard.",
        "An 880 Hz tone is heard from 5 s to 6 s.",
        "A burst of noise is heard at 2 s.",
        "A siren is heard at 6.5 s.",  # it is silent then
        "The music is in C major.",
        "Music plays at 90 BPM.",
        "A sign reads “EXIST”.",
        "A sign reads “EXIT” from 3.5 s to 5.0 s.",
        "The text “EXIT” is written at the bottom right.",
        "Somebody says “mind the cat”.",
        "A voice says “mind the gap” at 1.0 s.",
        "There is no speech.",
        "There is no music.",
        "There is no sound.",
        "Nothing is written on screen.",
        "The sound is quiet.",
        "Nothing moves in the picture.",
    ],
)
def test_what_the_rows_deny_is_contradicted(statement: str) -> None:
    assert _judge(statement) == "contradicted"


@pytest.mark.parametrize(
    "statement",
    [
        "A woman in a red coat waits.",
        "A siren is heard at 4.0 s.",
        "It smells of rain.",
        "The picture is of a station.",
    ],
)
def test_what_no_row_tells_of_is_unverifiable(statement: str) -> None:
    assert _judge(statement) == "unverifiable"


def test_without_rows_nothing_is_contradicted() -> None:
    bare = Evidence(clip(), media(), (), None, None)
    for claim in caption_of(known_evidence()).claims:
        if claim.facet != "shot":
            assert _judge(claim.text, bare) == "unverifiable", claim.text


def test_no_other_sound_is_held_against_all_that_the_prose_says() -> None:
    whole = "Three knocks and a tone are heard."
    assert _judge("No other sound event is heard.", prose=whole) == "supported"
    assert _judge("No other sound event is heard.", prose="Three knocks are heard.") == "contradicted"
    assert _judge("There is no other text on screen.", prose="A sign reads “EXIT”.") == "contradicted"


def _spoken(*speakers: str | None) -> Evidence:
    of = clip()
    words = ("Mind the gap.", "Which gap?", "That one.")
    rows = [sound(of, "sentence", n, n + 1.0, n + 1.8, text=words[n], speaker=who) for n, who in enumerate(speakers)]
    return Evidence(of, media(), (), tuple(rows), ())


@pytest.mark.parametrize(
    ("prose", "statement", "found"),
    [
        ("", "Anna says “mind the gap”.", "supported"),
        ("", "Ben says “mind the gap”.", "contradicted"),
        ("", "A voice says “mind the gap”.", "supported"),
    ],
)
def test_a_name_is_right_or_wrong_by_itself(prose: str, statement: str, found: str) -> None:
    assert _judge(statement, _spoken("Anna", "Ben"), prose) == found


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("Speaker 1 says “mind the gap”. Speaker 2 says “which gap”.", "supported"),
        ("Speaker 2 says “mind the gap”. Speaker 1 says “which gap”.", "supported"),  # counted in another order
        ("Speaker 2 says “mind the gap”. Speaker 2 says “which gap”.", "contradicted"),
    ],
)
def test_numbers_only_tell_speakers_apart(prose: str, found: str) -> None:
    first = prose.split(". ", maxsplit=1)[0] + "."
    assert _judge(first, _spoken("2", "1"), prose) == found
    assert _judge(first, _spoken(None, None), prose) == "supported"


def test_the_way_of_things_is_judged_where_all_go_one_way() -> None:
    known = known_evidence()
    way = {"dx_px_s": -40.0, "dy_px_s": 1.0, "agreement": 0.99, "share": 0.6}
    going = dataclasses.replace(known, scores=(*known.scores, score(known.clip, "drift", 40.0, way)))
    both = dataclasses.replace(
        known, scores=(*known.scores, score(known.clip, "drift", 40.0, way | {"agreement": 0.4}))
    )
    assert _judge("What moves in the picture goes to the left.", going) == "supported"
    assert _judge("Everything moves to the right.", going) == "contradicted"
    assert _judge("A man walks to the right.", going) == "unverifiable", "he may be one who goes against the others"
    assert _judge("Everything moves to the right.", both) == "unverifiable"


def test_sounds_by_the_names_of_their_listener_are_not_strange_to_the_prose() -> None:
    of = clip()
    rows = (sound(of, "event", 0, 1.0, 2.0, label="Church bell", score=0.9),)
    evidence = Evidence(of, media(), (), rows, ())
    prose = read("A Church bell is heard from 1.00 s to 2.00 s.", frozenset({"Church bell"}))
    court = Court(Subject(evidence, Rules()), prose)
    assert judge(court, "No other sound event is heard.") == "supported"
    assert judge(court, "A Church bell is heard from 1.00 s to 2.00 s.") == "supported"
    assert judge(court, "A Church bell is heard at 5.00 s.") == "contradicted"
