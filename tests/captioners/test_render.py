"""Renderings: templates over the record."""

from captioners.measured import record_of
from captioners.record import Action, Basis
from captioners.render import medium, short, tags
from tests.captioners.evidences import known_evidence

RECORD = record_of(known_evidence(), 0.5, 5)


def test_medium_leaves_out_shares_words_and_absences() -> None:
    assert medium(RECORD) == (
        "The picture is dark. The main colours are red, blue and grey. The camera pans right at a moderate pace. "
        'The text "EXIT" is written at the top left from 1.00 s to 3.00 s. '
        'The text "Gate 12" is written at the bottom from 4.00 s to 7.50 s. '
        'A voice says from 3.60 s to 4.40 s: "Mind the gap." Three knocks and a 440 Hz tone are heard. '
        "Music plays at 120 beats per minute in A minor from 0.50 s to 8.00 s. The sound is moderate at -23.0 LUFS."
    )


def test_short_is_two_sentences() -> None:
    assert short(RECORD) == (
        'A dark shot in red and blue, with the text "EXIT"; the camera pans right. '
        'With a voice saying "Mind the gap.", music in A minor, three knocks and a 440 Hz tone.'
    )


def test_a_tag_of_what_moves_says_which_way_it_goes() -> None:
    basis = Basis(evidence=(), origin="measured")
    ways = (
        Action(actor="what moves", verb="goes", direction="to the left", basis=basis),
        Action(actor="a dog", verb="barks", basis=basis),
    )
    told = tags(RECORD.model_copy(update={"actions": ways}))
    assert told[1:3] == ("goes to the left", "barks")


def test_tags_are_names_each_once() -> None:
    assert tags(RECORD) == (
        "video", "dark", "red", "blue", "grey", "pan right", "text on screen", "speech", "knock", "tone", "music",
        "120 bpm", "A minor", "moderate sound",
    )  # fmt: skip
