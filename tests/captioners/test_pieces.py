"""Music played by FluidSynth: tempo within 2 %, the right key, beats within 50 ms, metre where it is told."""

import numpy as np
import pytest
from numpy.typing import NDArray

from captioners.heard import Heard
from captioners.music import MusicRules, music, warm
from tests.captioners.pieces import PIECES, Piece, played
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
