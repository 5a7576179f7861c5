"""Text loses its markup and nothing else; times stay within the media."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.subtitle.cues import Cue, bounded, plain
from curate.subtitle.reading import named_clock_us, nearest_us


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ("Hello {\\i1}there{\\i0}", "Hello there"),
        ("{\\pos(10,10)\\i1}Hello{\\i0}, you\\Nthere", "Hello, you\nthere"),
        ("a, b, c", "a, b, c"),
        ("\\{x\\}", "{x}"),
        ("\\{{}me} a\\\u2060b", "{me} a\\b"),  # as FFmpeg escapes braces and backslashes of WebVTT
        ("{\\p1}m 0 0 l 100 0{\\p0}", ""),
        ("{\\an8\\p2}m 0 0 l 100 0", ""),
        ("x{\\p1}m 0 0{\\p0}y", "xy"),
        ("{\\pos(1,2)}sign", "sign"),
        ("  a \\h b \\N \\N\\nc ", "a b\nc"),
        ("bell\x07 and\u2028 break", "bell and break"),
        ("{unclosed", "{unclosed"),
    ],
)
def test_text_is_without_markup(event: str, text: str) -> None:
    assert plain(f"0,0,Default,,0,0,0,,{event}") == text


def test_cues_are_bounded_by_the_media() -> None:
    cues = [
        Cue(-500, 500, "begins before"),
        Cue(1_000, 2_000, ""),
        Cue(3_000, None, "until the next"),
        Cue(4_000, 3_000, "backwards"),
        Cue(9_000, 1 << 80, "for ever"),
        Cue(10_000, 11_000, "after the end"),
        Cue(-(1 << 80), -1, "before the beginning"),
    ]
    assert list(bounded(cues, 10_000)) == [
        (0, 500, "begins before"),
        (3_000, 4_000, "until the next"),
        (4_000, 9_000, "backwards"),
        (9_000, 10_000, "for ever"),
    ]


def test_rolling_captions_are_kept_as_they_are() -> None:
    rolling = [Cue(0, 2_000, "one"), Cue(1_990, 2_000, "one"), Cue(2_000, 4_000, "one\ntwo")]
    assert list(bounded(rolling, 10_000)) == [(0, 2_000, "one"), (1_990, 2_000, "one"), (2_000, 4_000, "one\ntwo")]


@given(
    st.lists(st.builds(Cue, st.integers(-(2**70), 2**70), st.none() | st.integers(-(2**70), 2**70), st.text("ab "))),
    st.integers(1, 2**53),
)
def test_every_time_is_within_the_media_and_in_order(cues: list[Cue], end_us: int) -> None:
    found = list(bounded(cues, end_us))
    assert all(0 <= start < end <= end_us and text for start, end, text in found)
    assert [start for start, _, _ in found] == sorted(start for start, _, _ in found)


@pytest.mark.parametrize(
    ("head", "clock_us"),
    [
        (b"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:01.500,MPEGTS:900000\n\n", 8_500_000),
        (b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00.000\n\n", 10_000_000),
        (b"WEBVTT\n\n", None),
        (b"WEBVTT\nX-TIMESTAMP-MAP=nonsense\n\n", None),
    ],
)
def test_webvtt_of_hls_names_its_clock(head: bytes, clock_us: int | None) -> None:
    assert named_clock_us(head) == clock_us


def test_a_clock_that_began_anew_is_near() -> None:
    wrap_us = (1 << 33) * 1_000_000 // 90_000
    assert [nearest_us(x) for x in (0, 5, -5, wrap_us - 5, 5 - wrap_us)] == [0, 5, -5, -5, 5]
