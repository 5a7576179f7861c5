"""Models for tests, at the seam: one knows what is so, and reads captions by the same few sentences; others guess."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from captioners.asking import Ask
from captioners.evidence import SeenEvidence
from captioners.probe.truth import truth_of
from curate.film import FilmSpec, make_film
from schemas.clip import Clip
from schemas.truth import Film
from tests.captioners.real import clip_of

SIDES = ("left", "right", "up", "down")
PEOPLE = ("the tall man", "the girl", "the old woman", "a voice off screen")


@dataclass(frozen=True)
class World:
    """What is so in a clip, or what a text says of it."""

    things: tuple[tuple[str, str], ...] = ()  # name, to which side it moves
    lines: tuple[tuple[str, str], ...] = ()  # speaker, words
    texts: tuple[tuple[str, float], ...] = ()  # what is written, from which second on

    @property
    def prose(self) -> str:
        """All of it, in sentences that `told` reads."""
        things = [f"There is a {name}. The {name} moves {side}." for name, side in self.things]
        lines = [f"{who} says “{words}”." for who, words in self.lines]
        return " ".join([*things, *lines, *(f"“{text}” is written from {at:.2f} s on." for text, at in self.texts)])

    def answer(self, question: str, whole: bool) -> str | None:
        """In words; None: cannot tell. Only where the `whole` is known, what is not there is denied."""
        for pattern, answer in _ANSWERS.items():
            if found := re.search(pattern, question):
                said = answer(self, *found.groups())
                return "no" if said is None and whole and pattern == _THERE else said
        return None

    def thing(self, name: str) -> str | None:
        return "yes" if name in dict(self.things) else None

    def side(self, name: str) -> str | None:
        return dict(self.things).get(name)

    def speaker(self, words: str) -> str | None:
        return next((who for who, said in self.lines if said == words), None)

    def start(self, text: str) -> str | None:
        at = dict(self.texts).get(text)
        return None if at is None else f"{at:.2f}"

    def order(self, which: str, one: str, other: str) -> str | None:
        at = [dict(self.texts).get(text) for text in (one, other)]
        if at[0] is None or at[1] is None:
            return None
        return f"“{one if (at[0] < at[1]) == (which == 'first') else other}”"


_THERE = r"Is there an? ([\w -]+)\?"
_ANSWERS: Mapping[str, Callable[..., str | None]] = {
    _THERE: World.thing,
    r"To which side does the ([\w -]+) move\?": World.side,
    r"Who says “([^”]+)”\?": World.speaker,
    r"At which second is “([^”]+)” first written\?": World.start,
    r"Which comes (first|later): “([^”]+)”, or “([^”]+)”\?": World.order,
}


def told(prose: str) -> World:
    """What a text in those sentences says."""
    return World(
        tuple(re.findall(r"The ([\w ]+) moves (\w+)\.", prose)),
        tuple((who.strip(), words) for who, words in re.findall(r"([\w ]+) says “([^”]+)”", prose)),
        tuple((text, float(at)) for text, at in re.findall(r"“([^”]+)” is written from ([\d.]+) s", prose)),
    )


def world_of(film: Film, clip: Clip, lines: tuple[tuple[str, str], ...] = ()) -> World:
    """What the truth of a film says of a clip; who says what is not in it."""
    shots = [shot for shot in film.shots if shot.start_us < clip.end_us and clip.start_us < shot.end_us]
    things = {f"{one.colour} {one.shape}": str(one.direction) for shot in shots for one in shot.things}
    texts = {
        text.text: max(0.0, (text.start_us - clip.start_us) / 1e6)
        for text in sorted(film.texts, key=lambda text: -text.start_us)
        if text.start_us < clip.end_us and clip.start_us < text.end_us
    }
    return World(tuple(things.items()), lines, tuple(texts.items()))


LINES = (("the tall man", "Mind the gap."), ("the girl", "Where does it go?"))
"""Who says what in every clip of a screening: films do not know who speaks."""


@dataclass(frozen=True)
class Screening:
    """Clips of a film, and what is so in each."""

    rows: tuple[SeenEvidence, ...]
    worlds: dict[str, World]
    length_s: dict[str, float]


def screened(folder: Path, seed: int = 2) -> Screening:
    """A film of eight seconds in that folder."""
    film = make_film(folder / "film.mp4", FilmSpec(seed=seed, seconds=8, width=160, height=90))
    files = [clip_of(folder / "film.mp4", span.start_us, span.end_us) for span in film.clips]
    return Screening(
        tuple(SeenEvidence(truth_of(film, file.clip, file.media), file.file) for file in files),
        {file.id: world_of(film, file.clip, LINES) for file in files},
        {file.id: (file.clip.end_us - file.clip.start_us) / 1e6 for file in files},
    )


def questions(world: World, length_s: float) -> dict[str, Any]:
    """What one writes who knows the world."""
    part = {"start_s": "0.00", "end_s": f"{length_s:.2f}"}
    texts = sorted(world.texts, key=lambda text: text[1])
    return {
        "choices": [
            *(
                {"axis": "direction", **part, "question": f"To which side does the {name} move?", "right": side,
                 "wrong": [one for one in SIDES if one != side]}
                for name, side in world.things
                if side in SIDES
            ),
            *(
                {"axis": "speaker", **part, "question": f"Who says “{words}”?", "right": who,
                 "wrong": [one for one in PEOPLE if one != who][:3]}
                for who, words in world.lines
            ),
        ],
        "pairs": [
            {"axis": "subject", **part, "so": f"Is there a {name}?", "not_so": f"Is there an upside-down {name}?"}
            for name, _ in world.things
        ],
        "counts": [],
        "words": [],
        "orders": [
            {"axis": "text", **part, "first": f"“{one}”", "second": f"“{other}”"}
            for (one, _), (other, _) in pairwise(texts)
        ],
        "times": [
            {"axis": "text", **part, "question": f"At which second is “{text}” first written?", "at_s": f"{at:.2f}"}
            for text, at in world.texts
        ],
    }  # fmt: skip


Lines = list[tuple[str, str, dict[str, str]]]
"""Of each question its name, its text, and its options by letter."""


def words_of(ask: Ask) -> str:
    """All that an ask says in words."""
    return "\n".join(part for part in ask.parts if isinstance(part, str))


def asked_in(ask: Ask) -> Lines:
    lines = re.findall(r"^(q\d+)\. (.*)$", words_of(ask), re.MULTILINE)
    return [
        (name, re.sub(r" \([A-Z]\) .*", "", text), dict(re.findall(r"\(([A-Z])\) (.*?)(?= \([A-Z]\) |$)", text)))
        for name, text in lines
    ]


def said(lines: Lines, answer: Callable[[str, dict[str, str]], str | None]) -> str:
    """The answers as a model gives them: letters, numbers as strings, null."""
    told = {}
    for name, text, options in lines:
        word = answer(text, options)
        told[name] = next((letter for letter, option in options.items() if option == word), None) if options else word
    return json.dumps(told)


def oracle(worlds: Mapping[str, World], length_s: Mapping[str, float]) -> Callable[[Ask], str]:
    """One who knows what is so in each clip, and reads captions by the sentences of `World.prose`."""

    def answer(ask: Ask) -> str:
        words = words_of(ask)
        clip_id = next((name for name in worlds if ask.id.startswith(name)), "")
        world = worlds.get(clip_id, World())
        if "Write questions" in words:
            return json.dumps(questions(world, length_s[clip_id]))
        if "that you have not seen" in words:
            caption = re.search(r"<<<\n(.*?)\n>>>", words, re.DOTALL)
            text = told(caption[1]) if caption else World()
            return said(asked_in(ask), lambda question, _: text.answer(question, whole=False))
        return said(asked_in(ask), lambda question, _: world.answer(question, whole=True))

    return answer


def by_chance(worlds: Mapping[str, World], length_s: Mapping[str, float], seed: int = 0) -> Callable[[Ask], str]:
    """One who writes questions like another, and does not look when it is asked them."""
    knows, random = oracle(worlds, length_s), Random(seed)  # noqa: S311  chance, no secret

    def guess(_text: str, options: dict[str, str]) -> str:
        return random.choice(list(options.values())) if options else f"{random.uniform(0, 9):.2f}"

    return lambda ask: knows(ask) if "Write questions" in words_of(ask) else said(asked_in(ask), guess)


def always_first(worlds: Mapping[str, World], length_s: Mapping[str, float]) -> Callable[[Ask], str]:
    """One who answers "A", whatever it is asked."""
    knows = oracle(worlds, length_s)

    def first(_text: str, options: dict[str, str]) -> str | None:
        return options.get("A")

    return lambda ask: knows(ask) if "Write questions" in words_of(ask) else said(asked_in(ask), first)
