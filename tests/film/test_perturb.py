"""Perturbed copies: every frame and every sample is where it should be, and the truth says so."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from curate.errors import UsageError
from curate.film import FilmSpec, load_truth, make_film, make_stills, truth_path
from curate.film.perturb import PERTURBATIONS, Edit, perturb
from curate.film.perturb.sound import SHIFT_US
from schemas.truth import Film
from tests.film.decoding import pictures, samples

SPEC = FilmSpec(seed=4, seconds=5, width=160, height=96, fps=12)
Shown = tuple[list[int], list[NDArray[np.uint8]], NDArray[np.float32]]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Film]:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return path, make_film(path, SPEC)


@pytest.fixture(scope="module")
def shown(film: tuple[Path, Film]) -> Shown:
    return (*pictures(film[0], "yuv420p"), samples(film[0])[: film[1].samples])


def copied(film: tuple[Path, Film], name: str, folder: Path) -> tuple[Edit, Shown]:
    out = folder / f"{name}.mp4"
    edit = perturb(*film, name, out, seed=3)
    assert load_truth(truth_path(out)) == edit.truth
    return edit, (*pictures(out, "yuv420p"), samples(out))


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_copy_has_the_frames_and_the_samples_of_the_film_in_the_new_order(
    film: tuple[Path, Film], shown: Shown, tmp_path: Path, name: str
) -> None:
    edit, (pts_us, frames, wave) = copied(film, name, tmp_path)
    order = np.arange(film[1].frames) if edit.order is None else edit.order
    assert tuple(pts_us) == edit.truth.pts_us
    assert len(frames) == film[1].frames
    if not edit.mirrored:
        assert all(np.array_equal(frames[k], shown[1][source]) for k, source in enumerate(order))
    heard = shown[2] if edit.wave is None else edit.wave
    assert len(wave) >= len(heard)
    assert np.abs(wave[: len(heard)] - np.clip(heard, -1, 1)).max() <= 1 / 32768


def test_each_perturbation_does_what_its_name_says(film: tuple[Path, Film], shown: Shown, tmp_path: Path) -> None:
    done = {name: copied(film, name, tmp_path) for name in PERTURBATIONS}
    assert np.array_equal(done["reversed"][1][1][0], shown[1][-1])
    assert np.array_equal(done["mirrored"][1][1][7][:96], shown[1][7][:96, ::-1])
    assert all(np.array_equal(frame, done["frozen"][1][1][0]) for frame in done["frozen"][1][1])
    for shot in film[1].shots:
        order = done["shuffled"][0].order
        assert order is not None
        part = order[shot.first_frame : shot.end_frame]
        assert sorted(part) == list(range(shot.first_frame, shot.end_frame))
        assert list(part) != sorted(part)
    assert not done["muted"][1][2].any()
    late = round(SHIFT_US * 48_000 / 1e6)
    assert not done["shifted"][1][2][:late].any()
    assert np.abs(done["shifted"][1][2][late : late + 96_000] - shown[2][:96_000]).max() <= 1 / 32768
    assert np.abs(done["swapped"][1][2][: len(shown[2])] - shown[2]).max() > 0.1


def test_a_film_turned_backward_twice_is_true_of_itself_but_for_the_words(film: tuple[Path, Film]) -> None:
    wave = np.zeros(film[1].samples or 0, np.float32)
    once = PERTURBATIONS["reversed"](film[1], wave, 0).truth
    twice = PERTURBATIONS["reversed"](once, wave, 0).truth
    assert once.shots != film[1].shots
    for shot in once.shots:
        assert once.pts_us[shot.first_frame] == shot.start_us
        assert shot.end_us == (once.pts_us[shot.end_frame] if shot.end_frame < once.frames else once.end_us)
    kept = tuple(sound for sound in film[1].sounds if sound.kind not in ("word", "sentence"))
    assert replace(twice, sounds=kept) == replace(film[1], sounds=kept)


def test_a_film_mirrored_twice_is_true_of_itself_but_for_what_is_written(film: tuple[Path, Film]) -> None:
    wave = np.zeros(film[1].samples or 0, np.float32)
    once = PERTURBATIONS["mirrored"](film[1], wave, 0).truth
    assert replace(PERTURBATIONS["mirrored"](once, wave, 0).truth, texts=film[1].texts) == film[1]
    for before, after in zip(film[1].shots, once.shots, strict=True):
        assert after.camera.pan_x_px_s == -before.camera.pan_x_px_s
        assert after.camera.pan_y_px_s == before.camera.pan_y_px_s
    assert once.texts == ()


def test_the_swapped_sound_has_other_words_another_tempo_and_another_key(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film = make_film(path, replace(SPEC, seconds=14))
    edit = perturb(path, film, "swapped", tmp_path / "swapped.mp4")
    said = [{s.text for s in one.sounds if s.kind == "sentence"} for one in (film, edit.truth)]
    played = [{(s.tempo_bpm, s.key) for s in one.sounds if s.kind == "music"} for one in (film, edit.truth)]
    assert said[0] and said[1] and not said[0] & said[1]
    assert all(a[0] != b[0] and a[1] != b[1] for a in played[0] for b in played[1])


def test_a_film_that_lies_on_its_side_or_has_unequal_frames_is_copied_as_it_is_shown(tmp_path: Path) -> None:
    for name, spec in {"turned": replace(SPEC, rotation_deg=90), "vfr": replace(SPEC, vfr=True),
                       "odd": replace(SPEC, width=161, height=97)}.items():  # fmt: skip
        path = tmp_path / f"{name}.mp4"
        film = make_film(path, spec)
        for kind in ("mirrored", "reversed"):
            edit = perturb(path, film, kind, tmp_path / f"{name}-{kind}.mp4")
            pts_us, frames = pictures(tmp_path / f"{name}-{kind}.mp4")
            plain = pictures(path)[1]
            assert tuple(pts_us) == edit.truth.pts_us
            if kind == "reversed":
                assert np.array_equal(frames[0], plain[-1])
            else:
                flipped = plain[5][::-1] if name == "turned" else plain[5][:, ::-1]
                assert np.abs(frames[5].astype(int) - flipped.astype(int)).mean() < 2


def test_what_cannot_be_perturbed_is_said(film: tuple[Path, Film], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no perturbation is called 'louder'; there are reversed"):
        perturb(*film, "louder", tmp_path / "x.mp4")
    still = make_stills(tmp_path, SPEC, 1)[0]
    with pytest.raises(UsageError, match="a still or has no sound"):
        perturb(tmp_path / "still.png", still, "frozen", tmp_path / "x.mp4")
    with pytest.raises(UsageError, match="do not belong together"):
        perturb(film[0], replace(film[1], frames=film[1].frames - 1), "muted", tmp_path / "x.mp4")
