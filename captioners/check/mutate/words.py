"""Errors in what is written and said."""

import re

from captioners.check.bank.texts import distorted
from captioners.check.mutate.mutation import Broken, Edit, Victim
from captioners.check.question import plain, spoken

_STRANGERS = ("lantern", "harbour", "velvet", "orchard", "copper", "meadow")


def wrong_text(victim: Victim) -> Broken | None:
    """A text on screen is misread."""
    if not victim.asks("text"):
        return None
    shown = {plain(row.text) for row in victim.row.evidence.texts or ()}
    choices = [(s, said.value) for s, said in victim.saying("text") if said.value and plain(said.value) in shown]
    for sentence, text in victim.random.sample(choices, len(choices)):
        wrong = [other for other in distorted(text) if plain(other) not in shown and other in _unquoted(other)]
        if wrong and _asked(victim, text):
            return (Edit(sentence, sentence.replace(text, victim.random.choice(wrong), 1)),), "text"
    return None


def _unquoted(text: str) -> str:
    return re.sub(r'["“”«»‹›「」]', "", text)


def _asked(victim: Victim, text: str) -> bool:
    return any(
        about and plain(about[0]) == plain(text)
        for topic, about in victim.asked
        if topic in {"text_time", "text_place"}
    )


def missing_text(victim: Victim) -> Broken | None:
    """A text on screen is not told."""
    choices = [sentence for sentence, said in victim.saying("text") if said.value and _asked(victim, said.value)]
    return ((Edit(victim.random.choice(choices), None),), "text") if choices else None


def wrong_word(victim: Victim) -> Broken | None:
    """One word of what is said is another."""
    if not victim.asks("transcript"):
        return None
    choices = [(sentence, said.value) for sentence, said in victim.saying("utterance") if said.value]
    if not choices:
        return None
    sentence, text = victim.random.choice(choices)
    words = text.split()
    at = victim.random.randrange(len(words))
    new = next(word for word in _STRANGERS if word not in spoken(text))
    wrong = " ".join([*words[:at], new, *words[at + 1 :]])
    return (Edit(sentence, sentence.replace(text, wrong, 1)),), "speech"
