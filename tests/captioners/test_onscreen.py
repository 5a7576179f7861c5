import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from captioners.ocr import Line, Reader, reader
from captioners.onscreen import (
    Read,
    alike,
    believable,
    difference,
    read_changed,
    reduced,
    sampled_us,
    texts,
    thumb,
    tracks,
)
from curate.film.film import make_film
from curate.film.spec import FilmSpec
from curate.media.sandbox import isolated
from schemas.clip import Clip
from schemas.media import Picture
from tests.captioners.real import clip_of

Rgb = NDArray[np.uint8]
CLIP = Clip("m/1-2", "m", 1_000_000, 5_000_000, 100, "cut", "cut", 0, False, 0, 0, 640, 360)


def line(text: str, x: float = 0.1, y: float = 0.8, score: float = 0.9) -> Line:
    return Line(text, score, x, y, 0.3, 0.1)


def card(text: str, at: tuple[int, int] = (60, 180)) -> Rgb:
    picture = np.full((360, 640, 3), 40, np.uint8)
    return np.asarray(cv2.putText(picture, text, at, cv2.FONT_HERSHEY_DUPLEX, 1.4, (240, 240, 240), 2), np.uint8)


@pytest.fixture(scope="module")
def ocr() -> Reader:
    return reader(480)


def test_samples_are_the_middles_of_equal_parts() -> None:
    assert sampled_us(1_000_000, 5_000_000, 1.0, 60) == [1_500_000, 2_500_000, 3_500_000, 4_500_000]
    assert sampled_us(0, 40_000, 2.0, 60) == [20_000]
    assert len(sampled_us(0, 600_000_000, 2.0, 60)) == 60


def test_pictures_are_reduced_but_never_enlarged() -> None:
    def picture(width: int, height: int) -> Picture:
        return Picture(0, "h264", width, height, width, height, 0, "yuv420p", 25.0, 10, False)

    assert reduced(picture(1920, 1080), 720) == (1280, 720)
    assert reduced(picture(1080, 1920), 720) == (720, 1280)
    assert reduced(picture(320, 240), 720) == (320, 240)


def test_only_frames_that_changed_are_read() -> None:
    seen: list[Rgb] = []

    def fake(frame: Rgb) -> list[Line]:
        seen.append(frame)
        return [line(f"reading {len(seen)}"), line("unsure", score=0.3)]

    frames = [card("ONE"), card("ONE"), card("ONE").copy() + np.uint8(1), card("TWO"), card("TWO")]
    readings = read_changed(iter(frames), fake, 6.0, 0.6)
    assert len(seen) == 2
    assert [[one.text for one in lines] for lines in readings] == [["reading 1"]] * 3 + [["reading 2"]] * 2


def test_a_change_of_one_small_word_is_seen_and_grain_is_not() -> None:
    still = card("ONE")
    word = cv2.putText(still.copy(), "ok", (580, 340), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (230, 230, 230), 2)
    grain = np.clip(still + np.random.default_rng(0).normal(0, 5, still.shape), 0, 255).astype(np.uint8)
    assert difference(thumb(still), thumb(np.asarray(word, np.uint8))) > 6
    assert difference(thumb(still), thumb(grain)) < 3
    assert thumb(np.zeros((6, 10, 3), np.uint8)).shape == (6, 10)
    assert thumb(np.zeros((1081, 1923, 3), np.uint8)).shape == (90, 160)


def test_the_same_text_in_successive_samples_is_one_row_widened_by_half_a_step() -> None:
    at_us = [1_500_000, 2_500_000, 3_500_000, 4_500_000]
    readings = [[], [line("Hello World")], [line("Hello Wor1d", score=0.7)], [line("Hello World", score=0.95)]]
    readings[2] = [line("Hello Worid", score=0.7)]
    (row,) = texts(CLIP, at_us, readings, "rapidocr 3")
    assert (row.start_us, row.end_us) == (2_000_000, 5_000_000)
    assert (row.text, row.score, row.text_id) == ("Hello World", 0.95, "m/1-2#text-000")


def test_one_missed_sample_does_not_break_a_text_and_three_do() -> None:
    seen, missed = [line("EXIT HERE")], list[Line]()
    assert [len(track) for track in tracks([seen, missed, seen])] == [2]
    assert [len(track) for track in tracks([seen, missed, missed, missed, seen])] == [1, 1]


def test_two_equal_texts_at_once_stay_two_rows_each_in_its_place() -> None:
    both = [line("LAION", x=0.1), line("LAION", x=0.6)]
    found = tracks([both, both[::-1], both])
    assert [{sighting.line.x for sighting in track} for track in found] == [{0.1}, {0.6}]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("Hello world", "hello  World", True), ("EMERGENCY EXIT", "EMERGENCY EXlT", True), ("EXIT", "TAXI", False),
     ("Score 12", "Score 13", False), ("Population 1482300", "Population 1482800", False)],
)  # fmt: skip
def test_what_counts_as_the_same_text(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same


def test_a_lone_glyph_is_text_only_if_it_is_a_digit() -> None:
    assert [believable(line(text)) for text in ("8", "十", "L", "no")] == [True, False, False, True]
    assert not believable(Line("vast", 0.9, 0.0, 0.0, 1.0, 0.9))


def test_words_are_read_verbatim_with_their_box(ocr: Reader) -> None:
    (found,) = ocr(card("Low battery 12%"))
    assert found.text == "Low battery 12%"
    (width, height), _ = cv2.getTextSize("Low battery 12%", cv2.FONT_HERSHEY_DUPLEX, 1.4, 2)
    assert found.x + found.width / 2 == pytest.approx((60 + width / 2) / 640, abs=0.02)
    assert found.y + found.height / 2 == pytest.approx((180 - height / 2) / 360, abs=0.03)


def test_an_empty_or_tiny_picture_has_no_text(ocr: Reader) -> None:
    assert ocr(np.full((360, 640, 3), 90, np.uint8)) == []
    assert ocr(np.zeros((6, 10, 3), np.uint8)) == []


def test_the_texts_of_a_film_are_found_verbatim_within_a_sampling_step(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    truth = make_film(film, FilmSpec(seed=3, seconds=8, width=480, height=270, fps=10, sound=None))
    assert truth.texts
    (outcome,) = Read().open()([clip_of(film, 0, truth.end_us)])
    assert outcome.failure is None
    for true in truth.texts:
        found = [row for row in outcome.rows if row.text == true.text]
        assert len(found) == 1, (true.text, [row.text for row in outcome.rows])
        assert abs(found[0].start_us - true.start_us) <= 500_000
        assert abs(found[0].end_us - true.end_us) <= 500_000
        assert abs(found[0].x + found[0].width / 2 - true.x - true.width / 2) < 0.03
        assert abs(found[0].y + found[0].height / 2 - true.y - true.height / 2) < 0.03


@pytest.mark.golden
def test_a_title_card_is_read_in_the_sandbox_without_a_network(media: Path) -> None:
    stage = Read()
    run = isolated(stage, stage.limits)
    (outcome,) = run([clip_of(media / "good" / "stream_audioless_title_360p.webm")])
    run.close()
    assert outcome.failure is None
    assert [row.text for row in outcome.rows] == ["Audioless Video"]
    assert outcome.rows[0].start_us == 0
    assert re.fullmatch(r"rapidocr 3\.\d+", outcome.rows[0].engine)


@pytest.mark.golden
def test_slides_that_do_not_move_are_read_once(media: Path) -> None:
    (outcome,) = Read().open()([clip_of(media / "good" / "v2d_slides_1080p_122s.mp4", 0, 4_000_000)])
    title = next(row for row in outcome.rows if row.text.startswith("LAION-400M"))
    assert (title.start_us, title.end_us) == (0, 4_000_000)
    assert {"Christoph Schuhmann", "Million Image-Text Pairs"} <= {row.text for row in outcome.rows}


@pytest.mark.golden
def test_media_without_a_picture_have_no_text(media: Path) -> None:
    (outcome,) = Read().open()([clip_of(media / "good" / "jfk_11s.flac")])
    assert (outcome.rows, outcome.failure) == ((), None)
