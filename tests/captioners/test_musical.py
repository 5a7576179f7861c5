"""Metre and loudness of music, from the row to the sentence and back."""

from dataclasses import replace

import numpy as np
import pytest

from captioners.check.bank.bank import questions
from captioners.check.bank.rules import Rules
from captioners.check.question import right
from captioners.check.reader.answer import ProseReader
from captioners.context import inside
from captioners.dynamics import trend
from captioners.heard import Heard, Part
from captioners.listen import levels_db, rows
from captioners.measured.sound import dynamics
from schemas.clip import Clip, MusicPart
from tests.captioners.evidences import caption_of, known_evidence

CLIP = Clip("m/1-2", "m", 5_000_000, 15_000_000, 250, "cut", "cut", 0, False, 0, 0, 640, 360)


def part(first_s: float, end_s: float, trend: str = "even", level: float | None = -20.0) -> MusicPart:
    return MusicPart(round(first_s * 1e6), round(end_s * 1e6), trend, level)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((), None), ((part(0, 9),), None), ((part(0, 9, "crescendo"),), "crescendo"),
        ((part(0, 4, level=-40.0), part(4, 9)), "quiet then loud"),
        ((part(0, 4), part(4, 9, level=-27.0)), "loud then quiet"),
        ((part(0, 4), part(4, 9, level=-24.0)), None), ((part(0, 4), part(4, 9, level=None)), None),
        ((part(0, 3, level=-40.0), part(3, 6), part(6, 9, level=-40.0)), None),
    ],
)  # fmt: skip
def test_how_loudness_changes_is_told_where_it_changes_once(parts: tuple[MusicPart, ...], told: str | None) -> None:
    assert dynamics(parts) == told


@pytest.mark.parametrize("metre", [3, 4])
@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((part(0, 9, "crescendo"),), "growing louder"), ((part(0, 9, "decrescendo"),), "growing softer"),
        ((part(0, 4, level=-40.0), part(4, 9)), "first quiet and then loud"),
        ((part(0, 4), part(4, 9, level=-40.0)), "first loud and then quiet"),
    ],
)  # fmt: skip
def test_metre_and_dynamics_are_told_asked_and_read(metre: int, parts: tuple[MusicPart, ...], words: str) -> None:
    known = known_evidence()
    sounds = known.sounds or ()
    told = tuple(replace(row, metre=metre, parts=parts) if row.kind == "music" else row for row in sounds)
    evidence = replace(known, sounds=told)
    prose = caption_of(evidence).dense
    bars = {3: "three", 4: "four"}[metre]
    assert f"at 120 beats per minute in A minor, {bars} beats to a bar, {words} from 0.50 s" in prose
    asked = {one.topic: one for one in questions(evidence, Rules()) if one.topic in ("metre", "dynamics", "tempo")}
    for topic in ("metre", "dynamics", "tempo"):
        answer = ProseReader().answer(prose, asked[topic])
        assert answer is not None
        assert right(asked[topic], answer), topic
    wrong = prose.replace(f"{bars} beats to a bar", "five beats to a bar")
    assert ProseReader().answer(wrong, asked["metre"]) == "5"
    assert ProseReader().answer("Music plays.", asked["metre"]) is None


def test_what_is_not_clear_is_neither_told_nor_asked() -> None:
    evidence = known_evidence()
    prose = caption_of(evidence).dense
    assert "beats to a bar" not in prose
    assert not [one for one in questions(evidence, Rules()) if one.topic in ("metre", "dynamics")]


def test_rows_have_bars_parts_and_levels_in_media_time() -> None:
    wave = np.concatenate([np.full(96_000, 0.01), np.full(144_000, 0.1), np.zeros(12_000)]).astype(np.float32)
    heard = Heard(
        "music", 0.0, 5.25, "x", metre=3, downbeats_s=(0.5, 2.0), parts=(Part(0, 2, "even"), Part(2, 5.25, "even"))
    )
    (row,) = rows(CLIP, wave, [heard])
    assert (row.metre, row.downbeats_us) == (3, (5_500_000, 7_000_000))
    assert [(one.start_us, one.end_us) for one in row.parts] == [(5_000_000, 7_000_000), (7_000_000, 10_250_000)]
    assert [round(one.loudness_db or 0) for one in row.parts] == [-40, -20]
    assert row.levels_db == (*[-40.0] * 4, *[-20.0] * 6, -120.0)
    assert levels_db(wave[:0]) == ()


def test_a_clip_has_the_parts_and_bars_inside_it_and_no_rest_of_a_swell() -> None:
    music = Heard(
        "music", 2.0, 20.0, "x", metre=4, downbeats_s=(2.0, 4.0, 6.0, 8.0, 10.0),
        parts=(Part(2.0, 9.0, "crescendo"), Part(9.0, 20.0, "even")),
    )  # fmt: skip
    (long,) = inside([music], 4.0, 12.0, 0.1)
    assert long.downbeats_s == (0.0, 2.0, 4.0, 6.0)
    assert long.parts == (Part(0.0, 5.0, "crescendo"), Part(5.0, 8.0, "even"))
    (short,) = inside([music], 7.0, 9.0, 0.1)
    assert short.parts == (Part(0.0, 2.0, "even"),)


def test_a_level_that_rises_all_the_way_is_a_crescendo_a_step_is_none() -> None:
    rise = np.linspace(-40, -20, 40)
    assert (trend(rise), trend(rise[::-1]), trend(rise[:6])) == ("crescendo", "decrescendo", "even")
    assert trend(np.repeat([-40.0, -20.0], 20)) == "even"
    assert trend(np.full(40, -20.0)) == "even"
    assert trend(np.concatenate([rise[:20], rise[:20][::-1]])) == "even"
