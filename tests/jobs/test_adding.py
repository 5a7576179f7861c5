"""Sources into a lake: each once, however often and however far an `add` came."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from curate.fetch.add import Adding
from curate.storage.lake import Lake, open_lake
from jobs import adding as module
from jobs.adding import Added, add_sources
from jobs.cli import main
from schemas.media import Source


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    return lake


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commits of a few rows."""
    monkeypatch.setattr(module, "_ROWS", 10)
    monkeypatch.setattr(module, "_SLICE", 4)
    yield


def listed(path: Path, numbers: range) -> str:
    path.write_text("".join(f"https://example.org/{i}.mp4\n" for i in numbers))
    return str(path)


def add(lake: Lake, *inputs: str, now: int = 1, evaluation: str | None = None) -> Added:
    done = Added()
    add_sources(lake, inputs, Adding(now, licence=f"of {now}", evaluation=evaluation), done, lambda _: None)
    return done


def rows(lake: Lake) -> list[Source]:
    return sorted(lake.rows("sources", Source), key=lambda row: (row.uri, row.added_us))


@pytest.mark.usefixtures("small")
def test_a_source_is_added_once_however_often_it_is_named(lake: Lake, tmp_path: Path) -> None:
    first, second = listed(tmp_path / "a.txt", range(25)), listed(tmp_path / "b.txt", range(20, 30))
    assert add(lake, first, first, second).added == 30
    again = add(lake, second, first, now=2)
    assert (again.seen, again.added) == (35, 0)
    assert add(lake, first, first, now=3).seen == 50  # also within what is read at a time
    assert len(rows(lake)) == 30
    assert {row.licence for row in rows(lake)} == {"of 1"}  # a row stays as it was


@pytest.mark.usefixtures("small")
def test_an_add_that_was_killed_goes_on(lake: Lake, tmp_path: Path) -> None:
    def kill(done: Added) -> None:
        if done.added >= 20:
            raise KeyboardInterrupt

    where = listed(tmp_path / "a.txt", range(45))
    with pytest.raises(KeyboardInterrupt):
        add_sources(lake, [where], Adding(1), Added(), kill)
    held = len(rows(lake))
    assert 20 <= held < 45
    assert add(lake, where).added == 45 - held
    assert len({row.uri for row in rows(lake)}) == len(rows(lake)) == 45


def test_files_of_a_commit_are_sorted_by_key(lake: Lake, tmp_path: Path) -> None:
    add(lake, listed(tmp_path / "a.txt", range(50)))
    ids = lake.scan("sources").select("source_id").collect()["source_id"]
    assert ids.is_sorted()


def test_a_training_source_that_is_named_for_evaluation_becomes_so(lake: Lake, tmp_path: Path) -> None:
    add(lake, listed(tmp_path / "a.txt", range(2)))
    marked = add(lake, listed(tmp_path / "b.txt", range(1, 3)), now=2, evaluation="bench")
    assert marked.added == 2
    assert [(row.uri[-5], row.evaluation, row.licence, row.added_us) for row in rows(lake)] == [
        ("0", None, "of 1", 1), ("1", None, "of 1", 1), ("1", "bench", "of 1", 2), ("2", "bench", "of 2", 2),
    ]  # fmt: skip
    assert add(lake, str(tmp_path / "b.txt"), now=3, evaluation="bench").added == 0
    assert add(lake, str(tmp_path / "b.txt"), now=4).added == 0  # and stays so


def test_a_takedown_stays_when_its_source_is_named_for_evaluation(lake: Lake, tmp_path: Path) -> None:
    where = listed(tmp_path / "a.txt", range(1))
    add(lake, where)
    lake.append("sources", [Source(rows(lake)[0].source_id, rows(lake)[0].uri, None, None, None, None, True, 2)])
    add(lake, where, now=3, evaluation="bench")
    assert [(row.tombstone, row.evaluation) for row in rows(lake)] == [(False, None), (True, None), (True, "bench")]


def test_the_command_line_says_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("link,title\nhttps://example.org/1.mp4,a\n,b\nhttps://example.org/2.mp4,c,d\n,e\n")
    options = ["--lake", str(tmp_path / "lake"), "--column", "url=link", "--licence", "MIT", "--evaluation", "bench"]
    with pytest.raises(SystemExit) as ended:
        main(["add", str(tmp_path / "a.csv"), *options, "--json"])
    said = json.loads(capsys.readouterr().out)
    assert not ended.value.code
    assert said["added"] == 1
    assert said["skipped"] == {"no URL": 2, "more cells than the header has names": 1}
    assert said["examples"]["no URL"] == [f"{tmp_path}/a.csv, line {line}" for line in (3, 5)]
    frame = open_lake(str(tmp_path / "lake"), {}).scan("sources").select("licence", "evaluation", "title").collect()
    assert frame.rows() == [("MIT", "bench", "a")]
    with pytest.raises(SystemExit) as ended:
        main(["add", str(tmp_path / "a.csv"), *options, "--strict"])
    assert ended.value.code == 2
    assert "line 3: no URL" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.integration
def test_a_recipe_names_evaluation_sets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("train", "judge"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.mp4").write_text("no media")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f'sources = ["{tmp_path}/train"]\n[[evaluation]]\nname = "bench"\nsources = ["{tmp_path}/judge"]\n'
    )
    with pytest.raises(SystemExit) as ended:
        main(["run", str(recipe), "--lake", str(tmp_path / "lake"), "--engine", "inline"])
    assert not ended.value.code
    assert "of bench" in capsys.readouterr().out
    found = (
        open_lake(str(tmp_path / "lake"), {})
        .scan("sources")
        .select(pl.col("uri").str.extract(r"(\w+)\.mp4$"), "evaluation")
    )
    assert sorted(found.collect().rows()) == [("judge", "bench"), ("train", None)]
