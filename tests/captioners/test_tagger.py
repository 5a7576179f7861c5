"""Events from the probabilities of a tagger, and what energy says of them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from captioners.earshot import Earshot
from captioners.heard import Heard
from captioners.level import Samples
from captioners.listen import Listen, sounds
from captioners.sound import EventRules, events
from captioners.tagger import (
    Frames,
    LabelRules,
    Tagger,
    TagRules,
    agreed,
    hysteresis,
    listed,
    slid,
    spans,
    tagged,
    told_once,
)  # fmt: skip
from captioners.transcriber import WhisperX
from curate.errors import RecipeError
from curate.stage import config
from schemas.clip import Clip
from tests.captioners.synth import RATE_HZ, hiss, knock, laid, quiet, tone

STAGE = Tagger(sha256="0" * 64, model="/models/ast")


@settings(max_examples=200)
@given(
    arrays(np.float32, st.integers(0, 60), elements=st.sampled_from([0.0, 0.1, 0.3, 0.45, 0.6, 0.9])),
    st.sampled_from([0.4, 0.5, 0.8]), st.sampled_from([0.2, 0.35]), st.integers(0, 4), st.integers(1, 5),
)  # fmt: skip
def test_hysteresis(values: Frames, begin: float, stay: float, least: int, gap: int) -> None:
    rules = TagRules(begin, stay, least * 0.1, gap * 0.1)
    found = hysteresis(values, 0.1, rules)
    inside = np.zeros(len(values), bool)
    for first, end in found:
        inside[first:end] = True
        assert end - first >= least
        assert values[first:end].max() >= begin
        assert min(values[first], values[end - 1]) >= stay  # it begins and ends on what holds it
        lull = 0
        for value in values[first:end]:
            lull = lull + 1 if value < stay else 0
            assert lull < gap
        assert first == 0 or values[first - 1] < stay
        assert end == len(values) or values[end] < stay
    assert all(other[0] - one[1] >= gap for one, other in pairwise(found))
    for frame in np.flatnonzero((values >= begin) & ~inside):  # left out only where it was too short
        first, end = frame, frame + 1
        while first and values[first - 1] >= stay:
            first -= 1
        while end < len(values) and values[end] >= stay:
            end += 1
        assert end - first < least


def test_each_class_has_its_own_rules_and_events_are_in_order_of_time() -> None:
    probabilities = np.zeros((30, 3), np.float32)
    probabilities[10:20, 0] = 0.4
    probabilities[5:9, 1] = 0.9
    probabilities[15:17, 1] = 0.7
    rules = {"Bell": TagRules(begin=0.3, stay=0.2)}
    found = spans(probabilities, 0.1, ["Bell", "Dog", "Rain"], lambda label: rules.get(label, TagRules()), "x")
    assert [(one.label, round(one.start_s, 2), round(one.end_s, 2)) for one in found] == [
        ("Dog", 0.45, 0.85), ("Bell", 0.95, 1.95), ("Dog", 1.45, 1.65),
    ]  # fmt: skip
    assert [one.score for one in found] == pytest.approx([0.9, 0.4, 0.7])


def test_windows_are_centred_on_their_frames_and_cover_the_sound() -> None:
    wave = laid(4.0, (2.0, np.ones(RATE_HZ // 10, np.float32)))

    def loudest(windows: list[Samples]) -> Frames:
        assert all(len(window) == RATE_HZ for window in windows)
        return np.array([[window.max()] for window in windows], np.float32)

    found = slid(wave, RATE_HZ, replace(STAGE, batch=3), loudest)[:, 0]
    assert len(found) == 20
    heard = np.flatnonzero(found) * STAGE.hop_s  # windows of 1 s that touch 2.0..2.1
    assert (heard.min(), heard.max()) == (pytest.approx(1.6), pytest.approx(2.4))


def known(wave: Samples) -> list[Heard]:
    return events(wave, RATE_HZ, EventRules(), [])


def test_an_event_with_a_rise_of_the_level_is_sure_and_gets_its_edges() -> None:
    wave = laid(8, (0, hiss(8, 0.003)), (3.13, hiss(1.5, 0.1)))
    (found,) = agreed([Heard("event", 2.9, 4.9, "x", label="Rain", score=0.8)], wave, [], STAGE)
    assert found.score == 0.8
    assert (found.start_s, found.end_s) == (pytest.approx(3.13, abs=0.02), pytest.approx(4.63, abs=0.02))


def test_an_event_that_nothing_but_the_model_hears_is_doubtful() -> None:
    wave = hiss(8, 0.05)
    (found,) = agreed([Heard("event", 3.0, 4.0, "x", label="Dog", score=0.9)], wave, [], STAGE)
    assert found.score == pytest.approx(0.45)
    (found,) = agreed([Heard("event", 3.0, 4.0, "x", label="Dog", score=0.9)], quiet(8), [], STAGE)
    assert found.score == pytest.approx(0.45)


def test_an_event_that_the_embedded_listener_has_too_is_sure_and_begins_with_it() -> None:
    wave = laid(6, (0, hiss(6, 0.001)), (2.345, knock()))
    embedded = known(wave)
    (found,) = agreed([Heard("event", 2.1, 2.7, "x", label="Door", score=0.7)], wave, embedded, STAGE)
    assert found.score == 0.7
    assert found.start_s == pytest.approx(2.345, abs=0.01)


def test_a_sound_without_a_name_gives_way_to_a_sure_tag_and_a_tag_to_embedded_events_of_its_own_name() -> None:
    unnamed = Heard("event", 1.0, 2.0, "energy", label="sound")
    struck = Heard("event", 4.0, 4.1, "energy", label="knock")
    dog = Heard("event", 0.9, 2.1, "x", label="Dog", score=0.8)
    doubtful = replace(dog, score=0.4)
    again = Heard("event", 3.8, 4.4, "x", label="Knock", score=0.9)
    assert told_once([unnamed, struck], [dog, again]) == [struck, dog]
    assert told_once([unnamed, struck], [doubtful]) == [unnamed, struck, doubtful]


def test_a_detector_of_tones_is_right_to_the_hop() -> None:
    """A model made of arithmetic: the share of power near 1 kHz in each hop."""
    wave = laid(6, (0, hiss(6, 0.001)), (1.5, tone(1000, 0.8)), (4.0, tone(300, 0.5)))
    stage = replace(STAGE, hop_s=0.05, window_s=0.1)

    def share(windows: list[Samples]) -> Frames:
        power = np.abs(np.fft.rfft(np.stack(windows) * np.hanning(1600), axis=1)) ** 2
        near = power[:, 90:111].sum(1) / np.maximum(power.sum(1), 1e-9) * (power.sum(1) > 10)
        return np.stack((near, np.ones(len(near))), 1).astype(np.float32)

    found = tagged(
        wave, known(wave), lambda samples: slid(samples, RATE_HZ, stage, share), ["Beep, bleep", "Speech"], stage, "x"
    )
    assert [one.label for one in found] == ["Beep, bleep"]  # speech is told by another
    assert (found[0].start_s, found[0].end_s) == (pytest.approx(1.5, abs=0.05), pytest.approx(2.3, abs=0.05))


def test_labels_are_a_list_or_the_table_of_audioset() -> None:
    assert list(listed("Dog\nBark\n\n")) == ["Dog", "Bark"]
    table = 'index,mid,display_name\n0,/m/09x0r,"Speech"\n1,/m/05zppz,"Male speech, man speaking"\n'
    assert list(listed(table)) == ["Speech", "Male speech, man speaking"]


@pytest.mark.parametrize(
    "wrong",
    [{"hop_s": 0.0}, {"hop_s": 2.0}, {"rules": TagRules(begin=0.2, stay=0.5)},
     {"label_rules": (LabelRules("Dog", TagRules(begin=1.5)),)}],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match="tagger"):
        replace(STAGE, **wrong)  # type: ignore[arg-type]


def test_one_job_has_one_environment() -> None:
    onnx, folder = replace(STAGE, model="/models/panns.onnx"), STAGE
    assert Listen().environment is None
    assert Listen(tagger=onnx).environment is None  # the core has ONNX Runtime
    assert Listen(tagger=folder).environment == "models"
    assert Listen(tagger=folder, whisperx=WhisperX("a" * 64, "/here")).environment == "speech"
    assert Listen(whisperx=WhisperX("a" * 64, "/here"), tagger=onnx).environment == "speech"


def test_where_a_model_lies_is_no_part_of_what_it_heard() -> None:
    here, there = (config(Listen(tagger=replace(STAGE, model=folder))) for folder in ("/here/ast", "/there/ast"))
    assert here == there
    assert here != config(Listen(tagger=replace(STAGE, sha256="1" * 64)))
    assert here != config(Listen(tagger=replace(STAGE, rules=TagRules(begin=0.4))))


def test_a_tag_is_a_row_in_the_clip_that_it_lies_in() -> None:
    clip = Clip("m/1-2", "m", 5_000_000, 9_000_000, 100, "cut", "cut", 0, False, 0, 0, 640, 360)
    unnamed = Heard("event", 2.0, 3.0, "energy", label="sound")
    near = Earshot(clip, 4_000_000, 12_000_000, quiet(8), np.full(4 * 48_000, 0.1, np.float32), (unnamed,), ())
    tags = [Heard("event", 1.9, 3.1, "x", label="Dog", score=0.9), Heard("event", 6, 7, "x", label="Rain", score=0.9)]
    (row,) = sounds(near, tags, Listen(tagger=STAGE)).rows
    assert (row.kind, row.label, row.engine, row.score) == ("event", "Dog", "x", 0.9)
    assert (row.start_us, row.end_us) == (5_900_000, 7_100_000)
