"""A run that has used what it may begins nothing new, loses nothing, and goes on with more."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curate.errors import RecipeError
from curate.prices import GIB, Prices
from curate.storage.lake import Lake, open_lake
from jobs.budget import Budget
from jobs.cli import BUDGET_REACHED, main
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Snapshot
from jobs.meter import Meter, Spent
from jobs.progress import Progress
from jobs.recipe import build
from tests.jobs.lakes import doubled
from tests.jobs.toy import Length, job, sources


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    lake.append("sources", sources([f"{number:02d}" for number in range(12)]))
    return lake


def after(rows: int) -> Callable[[Progress], str | None]:
    return lambda progress: "enough" if progress.done >= rows else None


def run(lake: Lake, reached: Callable[[Progress], str | None] | None, rows_per_unit: int = 2) -> Progress:
    policy = Policy(reached=reached)
    return run_job(job(Length(), rows_per_unit), Snapshot(lake, {}), Inline(), policy, lambda _: None)


def outcomes(lake: Lake) -> list[str]:
    return lake.scan("runs").sort("start_us").collect()["outcome"].to_list()


def test_what_is_done_when_a_bound_is_reached_is_committed_and_the_rest_is_left(lake: Lake) -> None:
    stopped = run(lake, after(4))
    assert (stopped.reached, stopped.done) == ("enough", 4)
    assert lake.scan("scores").collect()["input_id"].n_unique() == 4
    again = run(lake, None)
    assert (again.settled, again.done, again.reached) == (4, 8, None)
    assert outcomes(lake) == ["budget", "done"]
    assert not doubled(lake)
    assert run(lake, None).total == 0


def test_a_budget_that_is_spent_already_begins_nothing_and_says_so(lake: Lake) -> None:
    assert run(lake, after(0)).done == 0
    assert outcomes(lake) == ["budget"]
    assert run(lake, after(0)).reached == "enough"  # and it does not pass for a job with nothing to do


def test_a_bound_that_the_last_unit_reaches_stops_nobody(lake: Lake) -> None:
    assert run(lake, after(12)).reached is None
    assert outcomes(lake) == ["done"]


def spent(**amounts: float) -> Progress:
    progress = Progress("toy")
    for name, value in amounts.items():
        setattr(progress, name, value)
    return progress


@pytest.mark.parametrize(
    ("bound", "amounts"),
    [
        ({"cpu_hours": 1.0}, {"cpu_s": 3600.0}),
        ({"gpu_hours": 0.5}, {"gpu_s": 1800.0}),
        ({"stored_gib": 2.0}, {"bytes_written": 2 * GIB}),
        ({"money": 10.0, "prices": Prices(tokens_out_million=5.0)}, {"tokens_out": 2_000_000}),
    ],
    ids=["cpu_hours", "gpu_hours", "stored_gib", "money"],
)
def test_each_bound_counts_all_jobs_of_a_run_and_is_named(
    lake: Lake, bound: dict[str, object], amounts: dict[str, float]
) -> None:
    (name, limit), *_ = bound.items()
    meter = Meter.on(lake, Budget(**bound))  # type: ignore[arg-type]
    half = spent(**{key: value / 2 for key, value in amounts.items()})
    assert meter.reached(half) is None
    meter.ended.append(half)
    assert meter.reached(half) == f"budget.{name} = {limit:g} is reached, {limit:.4g} used by this run"


def test_a_budget_of_a_lake_counts_what_was_used_before(lake: Lake) -> None:
    run(lake, None)
    used = Spent.of(lake)
    assert used.bytes_written > 0
    limit = used.bytes_written / GIB
    assert "by this lake" in (Meter.on(lake, Budget(stored_gib=limit, per="lake")).reached(Progress("toy")) or "")
    assert Meter.on(lake, Budget(stored_gib=limit)).reached(Progress("toy")) is None


def test_money_without_prices_and_bounds_of_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"budget.money: give budget.prices"):
        build({"budget": {"money": 5}})
    with pytest.raises(RecipeError, match=r"budget.cpu_hours: Input should be greater than 0"):
        build({"budget": {"cpu_hours": 0}})
    with pytest.raises(RecipeError, match=r"budget.prices.cpu: unknown key"):
        build({"budget": {"money": 5, "prices": {"cpu": 1}}})
    (tmp_path / "sheet.toml").write_text("cpu_hour = 2\n")
    assert build({"budget": {"money": 5, "prices": str(tmp_path / "sheet.toml")}}).budget.sheet.cpu_hour == 2  # type: ignore[union-attr]


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[Path]:
    """Texts in the place of films: `fetch` looks at each and finds that it is none."""
    for number in range(4):
        (tmp_path / "media" / f"{number}").mkdir(parents=True)
        (tmp_path / "media" / f"{number}" / "film.mp4").write_text(f"no film {number}")
    yield tmp_path / "media"


def test_the_command_stops_with_a_code_of_its_own_and_says_how_to_go_on(
    listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended(*more: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as stop:
            main(["run", str(listed), "--lake", str(tmp_path / "lake"), "--engine", "inline", "--until", "scan", *more])
        return int(stop.value.code or 0), " ".join(capsys.readouterr().err.split())

    lake = open_lake(str(tmp_path / "lake"), {})
    code, said = ended("--set", "budget.stored_gib=1e-9", "--set", 'budget.per="lake"')
    assert code == 0  # one unit is all that there is
    listed.joinpath("4.mp4").write_text("no film 4")
    code, said = ended("--set", "budget.stored_gib=1e-9", "--set", 'budget.per="lake"')
    assert code == BUDGET_REACHED
    assert "budget.stored_gib = 1e-09 is reached" in said
    assert "go on with: retold run" in said
    assert outcomes(lake)[-1] == "budget"
    assert ended("--set", "budget.stored_gib=1")[0] == 0
    assert lake.scan("media").collect()["input_id"].n_unique() == 5
