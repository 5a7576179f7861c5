"""Music played by FluidSynth: tempo within 2 %, the right key, beats within 50 ms, metre where it is told, parts."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from captioners.dynamics import parts
from captioners.heard import Heard, Part
from captioners.level import Samples, loudness_db
from captioners.music import MusicRules, music, warm
from tests.captioners.pieces import PIECES, Piece, Shape, played
from tests.captioners.synth import RATE_HZ

pytestmark = pytest.mark.integration

UNCLEAR = {"slow rock", "walking bass"}  # where no bar is told: the bass walks on, the chords change softly


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    warm(RATE_HZ)


def away(found: tuple[float, ...], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """[found] seconds to the nearest true instant."""
    return np.abs(np.asarray(found)[:, None] - truth).min(axis=1)


def whole(piece: Piece) -> Heard:
    """The one passage that is found, from the beginning to the last bar."""
    (found,) = music(played(piece), RATE_HZ, MusicRules())
    assert found.start_s < 0.1
    assert found.end_s > piece.length_s - 1.2 * piece.metre * piece.beat_s  # the last chord is held
    return found


def sounding(piece: Piece) -> Samples:
    """The piece without the dying away of its last note."""
    return played(piece)[: round(piece.length_s * RATE_HZ)]


def divided(piece: Piece) -> list[Part]:
    """The parts by true bars."""
    return list(parts(sounding(piece), RATE_HZ, piece.downbeats_s, MusicRules().part))


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.name)
def test_tempo_key_beats_and_metre_of_a_piece(piece: Piece) -> None:
    found = whole(piece)
    assert found.tempo_bpm == pytest.approx(piece.tempo_bpm, rel=0.02)
    assert found.key == piece.key
    late = away(found.beats_s, piece.beats_s)
    assert np.mean(late < 0.05) >= 0.95
    inside = piece.beats_s[piece.beats_s < found.end_s]
    missed = np.abs(inside[:, None] - np.asarray(found.beats_s)).min(axis=1)
    assert np.mean(missed < 0.05) >= 0.95
    assert found.metre == (None if piece.name in UNCLEAR else piece.metre)
    if found.metre is not None:
        assert np.mean(away(found.downbeats_s, piece.downbeats_s) < 0.05) >= 0.9


TURNS = ("rock", "ballad", "arpeggios", "hymn", "waltz with drums", "three, rock", "slow")
UNHEARD = ("slow rock", "dance", "waltz", "three, arpeggios")  # strings take over softly: the part is not told
SHAPES: tuple[Shape, ...] = ("crescendo", "decrescendo", "quiet then loud", "loud then quiet")


def named(name: str) -> Piece:
    return next(piece for piece in PIECES if piece.name == name)


@pytest.mark.parametrize("name", [*TURNS, *UNHEARD])
def test_where_other_instruments_play_another_part_begins(name: str) -> None:
    piece = replace(named(name), turn=named(name).bars // 2)
    begins_s = piece.downbeats_s[piece.bars // 2]
    found = [one.start_s for one in divided(piece)][1:]
    if name in UNHEARD:
        assert found == []
    else:
        assert found == pytest.approx([begins_s], abs=0.05)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.name)
def test_a_piece_that_goes_on_has_one_part(piece: Piece) -> None:
    assert [one.trend for one in divided(piece)] == ["even"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["rock, minor", "ballad, strings", "waltz, accordion"])
def test_music_swells_dies_away_or_changes_at_once(name: str, shape: Shape) -> None:
    piece = replace(named(name), shape=shape)
    found = divided(piece)
    if shape in ("crescendo", "decrescendo"):
        assert [one.trend for one in found] == [shape]
        return
    first, second = found
    assert (first.trend, second.trend) == ("even", "even")
    assert second.start_s == pytest.approx(piece.downbeats_s[piece.bars // 2], abs=0.05)
    low, high = (loud(piece, one) for one in (found if shape == "quiet then loud" else reversed(found)))
    assert high > low + 6


def loud(piece: Piece, one: Part) -> float:
    level = loudness_db(sounding(piece)[round(one.start_s * RATE_HZ) : round(one.end_s * RATE_HZ)])
    assert level is not None
    return level


def test_a_passage_carries_its_parts() -> None:
    piece = replace(named("hymn"), turn=6)
    (found,) = music(played(piece), RATE_HZ, MusicRules())
    assert len(found.parts) == 2
    assert (found.parts[0].start_s, found.parts[-1].end_s) == (found.start_s, pytest.approx(found.end_s))
    assert found.parts[1].start_s == pytest.approx(piece.downbeats_s[6], abs=0.1)
