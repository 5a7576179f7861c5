"""A film as a whole: its file, its truth, its ingredients."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from curate.errors import UsageError
from curate.film import FilmSpec, load_truth, make_film, make_stills, truth_path
from curate.film.director import draw_script
from curate.film.lettering import letter
from curate.film.strokes import GLYPHS
from schemas.row import from_table, to_table
from schemas.truth import Film
from tests.film.conftest import SMALL

Small = tuple[Path, Film]


def test_the_truth_beside_the_film_is_read_back(small: Small) -> None:
    assert load_truth(truth_path(small[0])) == small[1]


def test_the_truth_is_a_row(small: Small) -> None:
    assert list(from_table(Film, to_table(Film, [small[1]]))) == [small[1]]


def test_the_same_spec_gives_the_same_bytes(small: Small, tmp_path: Path) -> None:
    again = make_film(tmp_path / "again.mp4", SMALL)
    assert (tmp_path / "again.mp4").read_bytes() == small[0].read_bytes()
    assert again == small[1]


def test_shots_and_transitions_tile_the_film(small: Small) -> None:
    film = small[1]
    edges = [0]
    for k, shot in enumerate(film.shots):
        assert shot.first_frame == edges[-1]
        edges.append(shot.end_frame)
        if k < len(film.transitions):
            join = film.transitions[k]
            assert (join.index, join.first_frame) == (k, edges[-1])
            edges.append(join.end_frame)
            assert film.shots[k].end_kind == join.kind == film.shots[k + 1].start_kind
    assert edges[-1] == film.frames == len(film.pts_us)
    assert [c.clip_id for c in film.clips] == sorted(c.clip_id for c in film.clips)
    assert all(a.end_us <= b.start_us for a, b in pairwise(film.clips))


@pytest.mark.parametrize("seed", range(12))
def test_a_minute_has_every_ingredient(seed: int) -> None:
    script = draw_script(FilmSpec(seed=seed))
    takes = script.takes
    assert {j.kind for j in script.joins} == {"cut", "dissolve", "fade"}
    assert {t.move.kind for t in takes} == {"static", "pan", "tilt", "zoom", "roll", "shake"}
    assert sum(t.scene == "black" for t in takes) == sum(t.frozen is not None for t in takes) == 1
    (copy,) = [t.copy for t in takes if t.copy]
    assert takes[copy.of].scene != "black" and takes[copy.of].copy is None
    assert any(t.crop.height < 360 for t in takes) and any(t.crop.width < 640 for t in takes)
    assert len(script.titles) >= 5 and sum(len(t.props) for t in takes) >= 4
    assert all(t.end_frame - t.first_frame >= 12 for t in takes)


@pytest.mark.parametrize("seed", range(12))
def test_after_a_jump_the_scene_goes_on_from_elsewhere(seed: int) -> None:
    script = draw_script(FilmSpec(seed=seed, wipes=True, jumps=True))
    kinds = [join.kind for join in script.joins]
    for k in [k for k, kind in enumerate(kinds) if kind == "jump"]:
        before, after = script.takes[k : k + 2]
        assert (before.scene, before.seed, before.crop) == (after.scene, after.seed, after.crop)
        assert (before.x_px, before.y_px) != (after.x_px, after.y_px)
        assert [prop.shape for prop in before.props] == [prop.shape for prop in after.props]


@pytest.mark.parametrize("kind", ["wipe", "jump"])
def test_most_films_that_may_wipe_or_jump_do(kind: str) -> None:
    """Where the shot beside is black, a copy, or the one that is copied, a cut takes the place."""
    scripts = [draw_script(FilmSpec(seed=seed, wipes=True, jumps=True)) for seed in range(12)]
    assert sum(any(join.kind == kind for join in script.joins) for script in scripts) >= 10


@pytest.mark.parametrize("seed", range(30))
def test_things_stay_in_the_picture(seed: int) -> None:
    script = draw_script(FilmSpec(seed=seed, seconds=8, width=320, height=180))
    for take in script.takes:
        for prop in take.props:
            for frame in (take.first_frame, take.end_frame - 1):
                at = script.clock_s(take, frame)
                assert take.crop.x <= prop.x + prop.x_per_s * at - prop.side / 2
                assert prop.x + prop.x_per_s * at + prop.side / 2 <= take.crop.x + take.crop.width
                assert take.crop.y <= prop.y + prop.y_per_s * at - prop.side / 2
                assert prop.y + prop.y_per_s * at + prop.side / 2 <= take.crop.y + take.crop.height


def test_stills_are_written_with_their_truth(tmp_path: Path) -> None:
    stills = make_stills(tmp_path, FilmSpec(seed=4, width=161, height=97), 4)
    files = sorted(p for p in tmp_path.iterdir() if p.suffix in (".png", ".jpg"))
    assert [p.suffix for p in files] == [".png", ".jpg"] * 2
    assert len({film.media_id for film in stills}) == 4
    for path, film in zip(files, stills, strict=True):
        with av.open(str(path)) as container:
            (frame,) = container.decode(video=0)
        picture = frame.to_ndarray(format="rgb24")
        assert frame.duration * frame.time_base * 1_000_000 == film.end_us
        assert picture.shape == (97, 161, 3) and film.still and film.frames == 1 and film.sounds == ()
        assert load_truth(truth_path(path)) == film
        shot = film.shots[0]
        inside = picture[shot.crop_y : shot.crop_y + shot.crop_height, shot.crop_x : shot.crop_x + shot.crop_width]
        assert (inside @ np.array([0.299, 0.587, 0.114])).mean() == pytest.approx(shot.luma_mean, abs=2)


def test_every_glyph_differs_from_every_other() -> None:
    drawn = {}
    for glyph in GLYPHS:
        fill = letter(f"H{glyph}H", 20).fill
        drawn[glyph] = (fill > 128).tobytes() + bytes(str(fill.shape), "ascii")
    assert len(set(drawn.values())) == len(GLYPHS)


@pytest.mark.parametrize(
    "wrong", [{"seconds": 0}, {"width": 8}, {"fps": 1}, {"rotation_deg": 45}, {"sound": "mp3"}, {"seed": -1}]
)
def test_an_impossible_film_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        FilmSpec(**wrong)  # type: ignore[arg-type]
