"""The campaign of faults: it sees what a fault left behind, and draws the same from the same seed."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.bench.chaos.__main__ import drawn, make_inputs, play, undisturbed
from infra.bench.chaos.faults import FAULTS
from infra.bench.chaos.world import World, flaws

pytestmark = [pytest.mark.integration]


def test_a_seed_draws_the_same_round_among_the_faults_that_can_be_there() -> None:
    words = [*FAULTS]
    assert [drawn(seed, words, ["inline"], "s3") for seed in range(50)] == [
        drawn(seed, words, ["inline"], "s3") for seed in range(50)
    ]
    on_s3 = {drawn(seed, words, ["inline"], "s3").word for seed in range(200)}
    assert {"storm", "expired"} < on_s3
    assert not on_s3 & {"disk", "half", "raylet", "node"}


@pytest.mark.timeout(900)
def test_rows_that_are_committed_twice_are_found_and_the_lake_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "calm").mkdir()
    inputs = make_inputs(tmp_path / "inputs", films=1)
    world = World(inputs, str(tmp_path / "calm" / "lake"), tmp_path / "calm", {}, "inline", "split")
    calm, jobs = undisturbed(world)
    assert flaws(world, calm) == []
    twice = play(drawn(2, ["again"], ["inline"], "folder"), replace(world, folder=tmp_path, jobs=jobs), calm, None)
    assert [line.partition(":")[0] for line in twice] == ["clips", "clips"]
    assert "clips: rows of one attempt are there twice" in twice
    assert (tmp_path / "round2" / "lake").is_dir()
    assert "| 2 | again | inline | clips are committed twice" in capsys.readouterr().out
