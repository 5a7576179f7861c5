"""The house's detector on films of known truth and on real clips whose cuts were found by eye."""

import json
from pathlib import Path

import pytest

from curate.split.boundary import Boundary
from curate.split.detectors import DETECTORS
from curate.split.frames import frames_of
from curate.split.media_strip import MediaStrip
from curate.split.stage import Split
from infra.bench.cuts.golden import TRUTH, golden
from infra.bench.cuts.score import Found, Tally
from schemas.truth import TransitionTruth
from tests.split.films import Scanned, film, scanned

FILMS = [(10, False), (11, True), (13, False)]
NOT_ALL = {"film_leader_240p.mp4"}  # numbers and clock hands that stand still and jump on


def boundaries(seen: Scanned, name: str = "house") -> list[Boundary]:
    detector = DETECTORS[name]  # type: ignore[index]
    return detector.detect(frames_of(seen.strip), detector.threshold)


def right(found: list[Boundary], join: TransitionTruth) -> bool:
    """Whether one of `found` is that join: of its kind, hard cuts to the frame, others to three."""
    slack = 0 if join.kind == "cut" else 3
    return any(
        (one.before, one.after) == (join.kind, join.kind)
        and abs(one.start - join.first_frame) <= slack
        and abs(one.end - join.end_frame) <= slack
        for one in found
    )


@pytest.mark.parametrize(("seed", "vfr"), FILMS)
def test_joins_of_a_film_are_found_and_nothing_is_invented(seed: int, vfr: bool) -> None:
    """All cuts and fades; of the dissolves one in a film may be missed, where both pictures move fast."""
    seen, truth = film(seed, vfr)
    found = boundaries(seen)
    missed = [join.kind for join in truth.transitions if not right(found, join)]
    assert missed in ([], ["dissolve"])
    assert len(found) == len(truth.transitions) - len(missed)


@pytest.mark.parametrize(("seed", "vfr"), [(10, False), (11, True)])
def test_the_clips_of_a_film_are_its_shots(seed: int, vfr: bool) -> None:
    seen, truth = film(seed, vfr)
    (outcome,) = Split().open()([MediaStrip(seen.media, seen.strip)])
    kinds = [(clip.start_kind, clip.end_kind) for clip in outcome.rows]
    assert kinds == [(clip.start_kind, clip.end_kind) for clip in truth.clips]
    for clip, shot in zip(outcome.rows, truth.clips, strict=True):
        assert abs(clip.start_us - shot.start_us) <= 150_000
        assert abs(clip.end_us - shot.end_us) <= 150_000
        assert abs(clip.crop_y - shot.crop_y) <= 4
        assert abs(clip.crop_height - shot.crop_height) <= 4


@pytest.mark.parametrize("seed", [10, 13])
def test_the_house_does_better_than_the_detectors_of_cuts_alone(seed: int) -> None:
    seen, truth = film(seed, False)

    def wrong(name: str) -> int:
        """Joins missed and boundaries invented, whatever their kind."""
        found = boundaries(seen, name)
        hits = sum(
            any(one.start <= join.end_frame + 2 and one.end >= join.first_frame - 2 for one in found)
            for join in truth.transitions
        )
        return len(truth.transitions) - hits + max(0, len(found) - hits)

    assert wrong("house") <= 1
    assert min(wrong("content"), wrong("adaptive")) > 3


@pytest.mark.parametrize("seed", [301, 302])
def test_wipes_and_jumps_of_a_film_are_found(seed: int) -> None:
    seen, truth = film(seed, wipes_and_jumps=True)
    found = boundaries(seen)
    asked = [join for join in truth.transitions if join.kind in ("wipe", "jump")]
    assert {join.kind for join in asked} == {"wipe", "jump"}
    for join in asked:
        near = [one for one in found if one.start <= join.end_frame + 2 and one.end >= join.first_frame - 2]
        assert [one.after in (join.kind, "cut") for one in near] == [True]


@pytest.mark.golden
@pytest.mark.parametrize("name", [name for name in json.loads(TRUTH.read_text("utf-8")) if name not in NOT_ALL])
def test_all_joins_of_real_films_are_found_and_nothing_else(media: Path, tmp_path: Path, name: str) -> None:
    (reel,) = [reel for reel in golden(media / "good", tmp_path, [name])]
    tally = Tally()
    tally.add(reel, [Found(one.start, one.end) for one in boundaries(scanned(reel.path))])
    assert tally.hits == tally.true
    assert tally.false == 0


@pytest.mark.golden
def test_a_film_leader_is_cut_at_few_of_its_steps(media: Path) -> None:
    assert len(boundaries(scanned(media / "good" / "film_leader_240p.mp4"))) <= 4


@pytest.mark.golden
def test_a_title_that_dissolves_into_a_picture_is_found(media: Path) -> None:
    seen = scanned(media / "good" / "stream_audioless_title_360p.webm")
    assert [(one.before, one.after) for one in boundaries(seen)] == [("edge", "fade"), ("dissolve", "dissolve")]


@pytest.mark.golden
def test_a_single_shot_is_one_clip(media: Path) -> None:
    seen = scanned(media / "good" / "sam2_dog_720p.mp4")
    (outcome,) = Split(max_us=60_000_000).open()([MediaStrip(seen.media, seen.strip)])
    assert len(outcome.rows) == 1
