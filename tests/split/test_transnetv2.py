"""What is made of the curves of TransNetV2, alone and together with what the house finds."""

import numpy as np
import pytest
from numpy.typing import NDArray

from curate.errors import RecipeError
from curate.split.boundary import Boundary
from curate.split.frames import frames_of
from curate.split.learned import learned
from curate.split.media_strip import MediaStrip
from curate.split.stage import Split
from curate.split.transnetv2 import transnetv2
from tests.split.strips import Pictures, blend, hold, media, scene, strip

BLACK = np.zeros((6, 72, 128, 3), np.uint8)


def curve(count: int, peaks: list[int], spans: list[tuple[int, int]]) -> tuple[NDArray[np.float32], ...]:
    """Zeros, but for the frames of `peaks` and those from first to last of `spans`."""
    peak, span = np.zeros((2, count), np.float32)
    peak[peaks] = 0.9
    for first, last in spans:
        span[first : last + 1] = 0.9
    return peak, span


def found(pictures: Pictures, peaks: list[int], spans: list[tuple[int, int]]) -> list[Boundary]:
    peak, span = curve(len(pictures), peaks, spans)
    return transnetv2(frames_of(strip(pictures, curve=(peak, span))), 0.3)


def of(boundaries: list[Boundary]) -> list[tuple[int, int, str, str]]:
    return [(one.start, one.end, one.before, one.after) for one in boundaries]


def test_the_new_shot_begins_after_the_peak() -> None:
    pictures = np.concatenate([hold(scene(1), 30), hold(scene(2), 30)])
    assert of(found(pictures, [29], [(29, 29)])) == [(30, 30, "cut", "cut")]


def test_a_mix_of_both_shots_is_a_dissolve() -> None:
    pictures = np.concatenate([hold(scene(1), 30), blend(hold(scene(1), 10), hold(scene(2), 10)), hold(scene(2), 30)])
    assert of(found(pictures, [34, 35], [(29, 39)])) == [(30, 40, "dissolve", "dissolve")]


def test_what_takes_time_and_is_no_mix_is_a_wipe() -> None:
    before, after = hold(scene(1), 30), hold(scene(2), 30)
    front = np.repeat(before[:1], 10, 0)
    for index, picture in enumerate(front):
        picture[:, : (index + 1) * 128 // 11] = after[0][:, : (index + 1) * 128 // 11]
    assert of(found(np.concatenate([before, front, after]), [34], [(29, 39)])) == [(30, 40, "wipe", "wipe")]


def test_two_transitions_with_black_between_are_one_fade() -> None:
    pictures = np.concatenate([hold(scene(1), 30), BLACK, hold(scene(2), 30)])
    assert of(found(pictures, [29, 35], [(27, 29), (35, 37)])) == [(28, 38, "fade", "fade")]


def test_nothing_comes_after_the_last_frame() -> None:
    assert found(hold(scene(1), 30), [29], []) == []


def test_a_transition_from_the_first_frame_on_has_no_shot_before() -> None:
    pictures = np.concatenate([BLACK, hold(scene(1), 30)])
    assert of(found(pictures, [4], [(0, 6)])) == [(0, 7, "edge", "fade")]


@pytest.mark.parametrize(("span", "expected"), [((60, 60), [30, 61]), ((0, 0), [30])])
def test_the_network_adds_what_both_its_answers_are_sure_of(span: tuple[int, int], expected: list[int]) -> None:
    """The house alone finds the cut before frame 30, of which the network says nothing."""
    pictures = np.concatenate([hold(scene(1), 30), hold(scene(2), 60)])
    peak, spans = curve(len(pictures), [60], [span])
    frames = frames_of(strip(pictures, curve=(peak, spans)))
    assert [one.start for one in learned(frames, 0.8)] == expected


def test_strips_without_the_curve_are_refused_with_the_cure() -> None:
    row = MediaStrip(media(), strip(hold(scene(1), 10)))
    with pytest.raises(RecipeError, match=r"scan\.transitions"):
        list(Split(detector="transnetv2").open()([row]))
