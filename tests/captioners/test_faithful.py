"""A sentence may be put in other words, but says no more, no less and nothing else than its sources."""

import pytest

from captioners.faithful import added, tells

OPENS = "A tall man opens a red door slowly from 0.50 s to 2.00 s."
PANS = "The camera pans left slowly from 0.00 s to 3.00 s (uncertain)."
SAYS = 'A voice says from 1.00 s to 2.00 s: "Good morning".'
NONE = "There is no music."


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("From 0.50 s to 2.00 s, a tall man slowly opens a red door.", (OPENS,)),
        ("A tall man is opening a red door from 0.50 to 2 seconds.", (OPENS,)),
        ("Perhaps the camera slowly pans left from 0.00 s to 3.00 s.", (PANS,)),
        ('At 1.00 s to 2.00 s a voice says "Good morning".', (SAYS,)),
        ("No music is heard.", (NONE,)),
        ('A tall man opens a red door, then a voice says "Good morning".', (OPENS, SAYS)),
    ],
)
def test_other_words_and_another_order_of_time_are_faithful(text: str, sources: tuple[str, ...]) -> None:
    assert added(text, sources) is None


@pytest.mark.parametrize(
    ("text", "sources", "more"),
    [
        ("A tall man opens a blue door.", (OPENS,), "the word 'blue'"),
        ("A tall, happy man opens a red door.", (OPENS,), "the word 'happi'"),
        ("A red door opens a tall man.", (OPENS,), "the order of"),
        ("A tall man opens a red door at 0.70 s.", (OPENS,), "the time 0.7 s"),
        ("Two tall men open a red door.", (OPENS,), "the number 2"),
        ("A tall man does not open a red door.", (OPENS,), "a negation"),
        ("There is music.", (NONE,), "what was denied"),
        ("The camera pans left slowly.", (PANS,), "certainty where there was doubt"),
        ('A voice says "Good night".', (SAYS,), "the quotation 'good night'"),
        ("A tall man opens a red door after that.", (OPENS,), "the word 'after'"),
        ("A tall man opens a red door.", (), "it names no source"),
    ],
)
def test_what_is_added_or_turned_is_named(text: str, sources: tuple[str, ...], more: str) -> None:
    found = added(text, sources)
    assert found is not None and more in found


def test_a_source_is_told_by_what_matters_of_it() -> None:
    assert tells("From 0.50 s to 2.00 s, a tall man slowly opens a red door.", OPENS)
    assert not tells("A tall man slowly opens a red door.", OPENS)  # its times are gone
    assert not tells("Something happens from 0.50 s to 2.00 s.", OPENS)
    assert not tells("A voice speaks from 1.00 s to 2.00 s.", SAYS)
    assert not tells("There is music.", NONE)
