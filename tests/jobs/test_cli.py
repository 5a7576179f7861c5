"""The command line on real media: what a newcomer does, in the order in which it is done."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from curate.film import FilmSpec, make_film
from jobs.cli import main

pytestmark = pytest.mark.integration

Lines = list[dict[str, object]]


def retold(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error of one command."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def ran(out: str) -> dict[str, tuple[int, int]]:
    """Of the JSON lines of a run: job -> (inputs worked on, inputs that had their row)."""
    lines: Lines = [json.loads(line) for line in out.splitlines()]
    ended = {str(line["job"]): line for line in lines if "job" in line}
    return {job: (int(str(line["total"])), int(str(line["settled"]))) for job, line in ended.items()}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_film(folder / "film.mp4", FilmSpec(seed=3, seconds=6, width=320, height=180))
    picture = np.random.default_rng(0).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    cv2.imwrite(str(folder / "still.png"), cv2.resize(picture, (320, 180), interpolation=cv2.INTER_CUBIC))
    (folder / "page.mp4").write_text("<html><body>404</body></html>")
    return folder


@pytest.fixture(scope="module")
def lake(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A lake on which everything has run once."""
    where = str(tmp_path_factory.mktemp("lakes") / "lake")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(inputs), "--lake", where, "--engine", "inline"])
    assert not ended.value.code
    return where


def test_a_second_run_has_nothing_to_do_and_says_so(
    lake: str, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = retold(capsys, "run", str(inputs), "--lake", lake, "--engine", "inline")
    assert code == 0
    assert "nothing to do: every row is there, or failed" in out
    assert out.startswith("0 new source(s), 3 named before\n")
    code, out, _ = retold(capsys, "run", str(inputs), "--lake", lake, "--engine", "inline", "--json")
    assert code == 0
    assert {total for total, _ in ran(out).values()} == {0}
    assert ran(out)["fetch"] == (0, 3)


def test_strict_exits_with_one_where_a_row_failed(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = retold(capsys, "run", "--lake", lake, "--engine", "inline", "--strict", "--set", "fetch.at_once=9")
    assert code == 1
    assert f"`retold failures --lake {lake} --set fetch.at_once=9` says why" in out


def test_failures_name_the_file_and_the_reason(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = retold(capsys, "failures", "--lake", lake, "--json")
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert line["what"].endswith("page.mp4")
    assert (line["job"], line["kind"]) == ("fetch", "not_media")
    assert "HTML" in line["detail"]


def test_a_report_is_headed_by_its_title_or_by_the_name_of_the_lake(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for title, said in (((), Path(lake).name), (("--title", "Birds"), "Birds")):
        retold(capsys, "report", "--lake", lake, "--to", str(tmp_path / "report.html"), *title)
        assert f"<h1>{said}</h1>" in (tmp_path / "report.html").read_text("utf-8")


def test_who_looks_with_another_recipe_than_ran_is_told(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, said = retold(capsys, "status", "--lake", lake)
    assert "another recipe" not in said
    _, _, said = retold(capsys, "status", "--lake", lake, "--set", "split.min_us=123_456")
    assert "note: split, score, listen, read, caption, check, encode last ran by another recipe" in said


def test_who_looks_and_names_no_recipe_sees_the_one_that_ran_last(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake, recipe = ("--lake", str(tmp_path / "lake")), tmp_path / "recipe.toml"
    recipe.write_text(f'sources = ["{inputs}"]\n[split]\nmin_us = 123_456\n')
    retold(capsys, "run", str(recipe), *lake, "--engine", "inline", "--until", "split")
    by_it = retold(capsys, "status", *lake, "--recipe", str(recipe), "--json")
    assert retold(capsys, "status", *lake, "--json") == by_it
    done = {line["job"]: line["done"] for line in map(json.loads, by_it[1].splitlines()) if "job" in line}
    assert done["split"] == 2
    code, said, _ = retold(capsys, "retry", "--kind", "not_media", *lake, "--engine", "inline", "--json")
    assert (code, ran(said)["fetch"], ran(said)["split"]) == (0, (1, 2), (0, 2))
    _, _, said = retold(capsys, "status", *lake, "--set", "split.min_us=200_000")
    assert "note: split, score, listen" in said


def test_a_recipe_may_stand_among_sources(inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake, recipe = ("--lake", str(tmp_path / "lake")), tmp_path / "recipe.toml"
    recipe.write_text(f'sources = ["{inputs / "still.png"}"]\n')
    film = str(inputs / "film.mp4")
    code, said, _ = retold(capsys, "run", str(recipe), film, *lake, "--engine", "inline", "--until", "fetch")
    assert (code, said.splitlines()[0]) == (0, "2 new source(s)")
    code, _, said = retold(capsys, "run", str(recipe), film, "other.toml", *lake)
    assert (code, "two recipes" in said) == (2, True)


def test_what_is_shown_of_a_url_opens_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake = ("--lake", str(tmp_path / "lake"))
    retold(
        capsys,
        "add",
        "https://user:hunter2@10.0.0.1/a.mp4?token=hunter3",
        "ftp://user:hunter2@example.org/b.mp4",
        *lake,
    )
    retold(capsys, "fetch", *lake, "--engine", "inline")
    for command in (("failures",), ("failures", "--json"), ("explain", "ftp://user:hunter2@example.org/b.mp4")):
        _, out, err = retold(capsys, *command, *lake)
        assert "example.org/b.mp4" in out + err
        assert "hunter" not in out + err


def test_failures_of_a_kind_stand_together_with_what_can_be_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for i in range(5):
        (pages / f"{i}.mp4").write_text(f"<html>{i}</html>")
    (pages / "empty.mp4").write_bytes(b"")
    lake = ("--lake", str(tmp_path / "lake"))
    retold(capsys, "run", str(pages), *lake, "--engine", "inline", "--until", "fetch")
    _, out, _ = retold(capsys, "failures", *lake)
    assert "fetch: 6 not_media (nothing to do: it is no media" in out
    assert out.count(".mp4") == 3
    assert retold(capsys, "failures", *lake, "--kind", "gone")[1] == "nothing failed as gone\n"
    assert "and 3 more: --kind not_media" in out
    _, out, _ = retold(capsys, "failures", *lake, "--kind", "not_media")
    assert out.count(".mp4") == 6
    assert out.count("an HTML page") == 5


def test_status_counts_each_job(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = retold(capsys, "status", "--lake", lake, "--json")
    rows = {row["job"]: row for row in map(json.loads, out.splitlines())}
    assert (rows["fetch"]["done"], rows["fetch"]["failed"], rows["scan"]["done"]) == (2, 1, 2)
    assert rows["caption"]["done"] == rows["split"]["rows"] == rows["check"]["rows"] > 2
    assert list(rows)[-2:] == ["pick", "plan"]
    assert (rows["pick"]["waiting"], rows["plan"]["waiting"]) == (0, 0)
    assert all(row["pending"] == row["waiting"] == 0 for job, row in rows.items() if job not in ("pick", "plan"))


def test_explain_tells_all_of_a_clip(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = retold(capsys, "explain", "still.png", "--lake", lake)
    for part in ("clip", "still.png", "caption", "verdict", "sharpness", "cut all"):
        assert part in out
    _, out, _ = retold(capsys, "explain", "film.mp4", "--lake", lake)
    assert "clips match" in out
    code, _, err = retold(capsys, "explain", "nonesuch", "--lake", lake)
    assert code == 2
    assert "nonesuch" in err


def test_explain_tells_why_a_source_has_no_clips(
    lake: str, inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = retold(capsys, "explain", "page.mp4", "--lake", lake)
    assert code == 2
    assert "page.mp4 has no clips: not_media: " in err
    fresh = str(tmp_path / "lake")
    retold(capsys, "add", str(inputs), "--lake", fresh)
    assert "has no clips of this recipe yet" in retold(capsys, "explain", "film.mp4", "--lake", fresh)[2]
    retold(capsys, "takedown", str(inputs / "film.mp4"), "--yes", "--lake", fresh)
    assert "film.mp4 was taken down" in retold(capsys, "explain", "film.mp4", "--lake", fresh)[2]


def test_a_changed_parameter_redoes_what_depends_on_it_and_no_more(
    lake: str, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = retold(
        capsys, "run", "--lake", lake, "--engine", "inline", "--json", "--set", "read.rate_hz=1.0",
    )  # fmt: skip
    worked = {job for job, (total, _) in ran(out).items() if total}
    assert worked == {"read", "caption", "check", "pick", "plan"}
    _, out, _ = retold(
        capsys, "run", "--lake", lake, "--engine", "inline", "--json", "--set", "scan.limits.deadline_s=99",
    )  # fmt: skip
    assert {job for job, (total, _) in ran(out).items() if total} <= {"pick", "plan"}  # there are new verdicts
    assert all(json.loads(line)["rows_out"] == 0 for line in out.splitlines())


def test_a_report_is_one_file(lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = retold(capsys, "report", "--lake", lake, "--to", str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text()
    assert code == 0
    assert "film.mp4" in page
    assert "data:image/jpeg;base64," in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_the_check_is_tested_on_broken_captions(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = retold(capsys, "check", "--lake", lake, "--engine", "inline", "--mutations", "--json")
    table = json.loads(out.splitlines()[-1])
    assert code == 0
    assert table["captions"] > 2
    assert table["false_alarm_rate"]["value"] == 0
    assert 0 < table["false_alarm_rate"]["high"] < 1
    assert all(kind["noticed"] >= 0.95 * kind["broken"] for kind in table["kinds"])


def test_a_recipe_is_completed_and_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f'sources = ["{tmp_path}"]\n[split]\nmin_us = 500_000\n[[pick.bounds]]\nmetric = "motion"\nat_least = 1'
    )
    assert retold(capsys, "recipe", "check", str(recipe))[0] == 0
    _, out, _ = retold(capsys, "recipe", "render", str(recipe))
    whole = json.loads(out)
    assert whole["split"]["min_us"] == 500_000
    assert whole["pick"]["bounds"][0]["metric"] == "motion"
    assert "storage_options" not in whole["fetch"]
    _, out, _ = retold(capsys, "recipe", "schema")
    assert "split" in json.loads(out)["properties"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[split]\nmin_length = 2", ["split.min_length", "unknown key"]),
        ("[splt]\nmin_us = 2", ["splt", "did you mean 'split'"]),
        ('[split]\nmin_us = "long"', ["split.min_us", "long"]),
        ("[fetch]\nstorage_options = [['AWS_SECRET_ACCESS_KEY', 'x']]", ["fetch.storage_options", "unknown key"]),
        ("[split\n", ["not TOML"]),
        ("[[pick.bounds]]\nmetric = 'motion'", ["at_least or at_most"]),
        ("[[pick.bounds]]\nmetric = 'nois'\nat_most = 4", ["'nois'", "did you mean 'noise'?"]),
        (
            "[score]\nmetrics = ['motion']\n[[pick.bounds]]\nmetric = 'faces'\nat_most = 4",
            ["'faces'", "choose from motion"],
        ),
        ("[split]\ndetector = 'guess'", ["detector", "guess"]),
        ("[score]\nmetrics = ['sharpnes']", ["score.metrics", "did you mean 'sharpness'?"]),
        ("[splat]\n[split]\ndetector = 'guess'", ["2 mistake(s)", "splat: unknown key", "'guess'"]),
        ("[see]\nprofile = 'x'", ["see.model: has to be given"]),
        ("[resources]\nworkers = 0", ["resources.workers", "greater"]),
        ("[scan.limits]\ndeadline_s = -1", ["deadline_s", "more than 0"]),
        ('sources = "media"', ["sources: Input should be a list"]),
        ("[splat]\n[resources]\nworkers = 0", ["2 mistake(s)", "splat: unknown key", "resources.workers"]),
    ],
)
def test_a_wrong_recipe_names_the_key_and_the_cure(
    text: str, names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(text)
    code, _, err = retold(capsys, "recipe", "check", str(recipe))
    assert code == 2
    for name in names:
        assert name in err.replace("\n", " ")


def test_what_a_recipe_names_and_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe, listed = tmp_path / "recipe.toml", tmp_path / "list.csv"
    listed.write_text("name\na.mp4\n")
    sources = ["/nowhere/films", str(tmp_path / "none.csv"), str(listed), "htp://a/b.mp4", "s3://a/b", str(tmp_path)]
    recipe.write_text(f"sources = {json.dumps(sources)}\n[[evaluation]]\nname = 'e'\nsources = ['e.mp4']\n")
    code, _, said = retold(capsys, "recipe", "check", str(recipe))
    assert code == 2
    said = said.replace("\n", " ")
    for wrong in ("5 mistake(s)", "/nowhere/films", "none.csv", "no column of URLs", "the scheme 'htp'", "e.mp4"):
        assert wrong in said
    recipe.write_text("[budget]\nmoney = 5\nprices = 'nowhere.toml'\n")
    code, _, said = retold(capsys, "recipe", "check", str(recipe))
    assert (code, "the sheet of prices nowhere.toml cannot be read" in said.replace("\n", " ")) == (2, True)


def test_commands_that_only_read_make_no_lake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = retold(capsys, "status", "--lake", str(tmp_path / "none"))
    assert code == 2
    assert "retold run" in err
    assert not (tmp_path / "none").exists()


def test_what_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = retold(capsys, "run", str(tmp_path / "none.mp4"), "--lake", str(tmp_path / "lake"))
    assert code == 2
    assert "none.mp4" in err
    code, _, err = retold(capsys, "run", "--engine", "spark", "--lake", str(tmp_path / "lake"))
    assert code == 2
    assert "spark" in err
    code, _, err = retold(capsys, "retry", "--kind", "bogus", "--lake", str(tmp_path / "lake"))
    assert code == 2
    assert "bogus" in err
    assert "timeout" in err


def test_a_run_may_end_with_any_job(inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("run", str(inputs), "--lake", str(tmp_path / "lake"), "--engine", "inline", "--json")
    code, out, _ = retold(capsys, *command, "--until", "scan")
    assert code == 0
    assert [job for job, (done, _) in ran(out).items() if done] == ["fetch", "scan"]
    code, _, said = retold(capsys, *command, "--until", "scam")
    assert code == 2
    assert "no job is called 'scam'; the jobs of this recipe are fetch, " in said


def test_what_a_folder_has_that_is_no_media_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "media").mkdir()
    for name in ("a.txt", "b.txt", ".hidden.mp4"):
        (tmp_path / "media" / name).write_text("x")
    code, _, err = retold(
        capsys, "run", str(tmp_path / "media"), "--lake", str(tmp_path / "lake"), "--engine", "inline"
    )
    assert code == 2
    assert "nothing to run on" in err
    _, out, _ = retold(capsys, "add", str(tmp_path / "media"), "--lake", str(tmp_path / "lake"))
    assert out.startswith("0 new source(s)\n")
    assert "left out: 2 (no media extension (.txt))" in out
    assert "left out: 1 (hidden)" in out


def test_an_interrupt_says_how_to_go_on_and_loses_nothing(inputs: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jobs", "run", str(inputs), "--lake", str(tmp_path / "lake"), "--engine", "inline"]
    driver = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert driver.stdout is not None
    for line in driver.stdout:
        if json.loads(line).get("job") == "listen":
            break
    time.sleep(0.5)
    os.kill(driver.pid, signal.SIGINT)
    _, err = driver.communicate(timeout=60)
    assert driver.returncode == 130
    assert "Go on with: retold run" in err.replace("\n", " ")
    again = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert ran(again.stdout)["scan"] == (0, 2)
    assert ran(again.stdout)["listen"][0] > 0


def test_the_recipes_that_come_with_the_house_are_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "media").mkdir()
    monkeypatch.chdir(tmp_path)
    recipes = sorted((Path(__file__).resolve().parents[2] / "infra" / "recipes").glob("*.toml"))
    assert recipes
    for recipe in recipes:
        assert retold(capsys, "recipe", "check", str(recipe))[0] == 0
