"""A contact sheet shows each frame in its place, with its time."""

import cv2
import numpy as np
import pytest

from curate.report.sheet import GAP, SHEET_WIDTH, columns, contact_sheet

COLOURS = np.array(
    [[200, 30, 30], [30, 200, 30], [30, 30, 200], [200, 200, 30], [200, 30, 200], [30, 200, 200]], np.uint8
)


def flat(height: int, width: int, count: int) -> np.ndarray:
    return np.broadcast_to(COLOURS[:count, None, None], (count, height, width, 3)).copy()


def decoded(body: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_frames_lie_left_to_right_and_down() -> None:
    sheet = decoded(contact_sheet(flat(90, 160, 6), range(6)).jpeg)
    height, width = sheet.shape[:2]
    assert abs(width - SHEET_WIDTH) <= 6
    across = columns(6, 160, 90)
    down = 6 // across
    seen = [
        sheet[int((r + 0.3) * height / down), int((c + 0.5) * width / across)]
        for r in range(down)
        for c in range(across)
    ]
    assert np.abs(np.array(seen, int) - COLOURS).max() < 12


def test_the_time_is_burnt_in_at_the_upper_left() -> None:
    sheet = decoded(contact_sheet(flat(180, 320, 1), (83_483_000,)).jpeg).astype(int)
    height, width = sheet.shape[:2]
    changed = np.abs(sheet - COLOURS[0]).max(axis=2) > 60
    assert changed[: int(height * 0.1), : width // 5].mean() > 0.3
    assert not changed[int(height * 0.2) :].any()
    other = decoded(contact_sheet(flat(180, 320, 1), (83_484_000,)).jpeg).astype(int)
    assert np.abs(sheet - other).max() > 60


def test_a_sheet_says_where_each_frame_lies() -> None:
    made = contact_sheet(flat(90, 160, 6), range(6))
    sheet, pixels = made, decoded(made.jpeg)
    assert sheet.frames == 6
    for i in range(6):
        y, x = (i // sheet.across) * (sheet.height + GAP), (i % sheet.across) * (sheet.width + GAP)
        corner = pixels[y + sheet.height - 2, x + sheet.width - 2].astype(int)
        assert np.abs(corner - COLOURS[i]).max() < 60  # an edge in JPEG


def test_tall_frames_get_more_columns() -> None:
    assert columns(9, 90, 160) > columns(9, 160, 90)


def test_odd_and_tiny_frames_have_a_sheet() -> None:
    for height, width in ((1, 1), (7, 333), (333, 7)):
        assert decoded(contact_sheet(flat(height, width, 3), (0, 1, 2)).jpeg).size


def test_frames_without_times_are_refused() -> None:
    with pytest.raises(ValueError, match="N times"):
        contact_sheet(flat(9, 16, 2), (0,))
    with pytest.raises(ValueError, match="frames"):
        contact_sheet(np.zeros((0, 9, 16, 3), np.uint8), ())
