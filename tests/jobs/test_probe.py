"""`retold probe`: the embedded captioner notices all that it measures, and what it does not notice is said."""

import dataclasses
import json
from pathlib import Path

import pytest

from captioners.probe.compare import AxisScore, Change
from curate.film import FilmSpec, make_film
from curate.film.perturb import PERTURBATIONS
from jobs.commands.probing import tell
from jobs.probe import Probed, Report
from tests.jobs.test_cli import retold

MUST = {
    "reversed": {"cut", "camera", "event"}, "mirrored": {"camera", "text"}, "frozen": {"cut", "camera"},
    "shuffled": {"camera"}, "muted": {"event", "music", "loudness"}, "swapped": {"event", "music"},
    "shifted": {"event"},
}  # fmt: skip
"""What each copy turns, at least, in the film of the test."""


@pytest.mark.integration
@pytest.mark.timeout(1500)
def test_the_embedded_captioner_notices_all_that_it_measures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "given").mkdir()
    film = tmp_path / "given" / "film.mp4"
    make_film(film, FilmSpec(seed=9, seconds=8, width=320, height=180))
    recipe = tmp_path / "silent.toml"
    recipe.write_text("[check]\nmin_coverage = 0.5\n")
    options = ("--film", str(film), "--keep", str(tmp_path / "kept"), "--json")
    code, out, err = retold(capsys, "probe", "--recipe", str(recipe), "--recipe", str(recipe), *options)
    assert code == 0, err
    first, second = (json.loads(line) for line in out.splitlines())
    assert first == second
    axes = {one["axis"]: one for one in first["axes"]}
    for axis in ("cut", "shot", "light", "camera", "text", "event", "loudness"):
        assert axes[axis]["right"] >= 0.8 * axes[axis]["asked"] > 0, axes[axis]
    assert first["captioners"] == ["measured"]
    assert [one["name"] for one in first["probed"]] == list(PERTURBATIONS)
    for one in first["probed"]:
        assert one["missed"] == [], one
        assert {change["axis"] for change in one["changes"] if change["turned"]} >= MUST[one["name"]]
        assert one["compared"] >= (0 if one["name"] == "frozen" else 3)


def report(name: str, *probed: Probed) -> Report:
    axes = (AxisScore("camera", 4, 3, 1), AxisScore("text", 9, 9, 0))
    return Report(name, ("vlm",), axes, 40, ("The camera pans left.",), probed)


def test_the_table_compares_recipes_and_names_what_was_not_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    good = Probed("mirrored", (Change("camera", 2, 2, 0, 2, 2), Change("text", 0, 0, 0, 9, 9)), 4, 4)
    bad = Probed("mirrored", (Change("camera", 2, 0, 0, 2, 2), Change("text", 0, 0, 0, 9, 3)), 4, 4)
    tell([report("a.toml", good), report("b.toml", bad)])
    said = " ".join(capsys.readouterr().out.split())
    assert "camera 3/4, 1 wrong 3/4, 1 wrong" in said
    assert "mirrored camera 2/2; kept 11/11 camera 0/2; kept 5/11" in said
    assert "mirrored: not noticed in camera" in said
    assert "mirrored: no longer said, though still true, in text" in said
    assert said.count("40 statements about the film; 1 are false The camera pans left.") == 2
    assert json.loads(json.dumps(report("b.toml", bad).as_dict()))["probed"][0]["missed"] == ["camera"]
    assert dataclasses.replace(bad, changes=()).missed == ()


def test_wrong_options_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"")
    for arguments, said in (
        (("--film", str(film)), "has no truth beside it"),
        (("--film", str(tmp_path / "none.mp4")), "has no truth beside it"),
    ):
        code, _, err = retold(capsys, "probe", *arguments)
        assert code == 2
        assert said in " ".join(err.split())
