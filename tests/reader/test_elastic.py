"""Any number of ranks and workers, stopped and resumed anywhere, reads what one process reads at a stretch."""

import json
import random
import subprocess
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from curate.plan.plan import Plan
from curate.reader import Batch
from curate.storage import lake as storage
from tests.models.made import ROOT
from tests.reader.test_loader import content, loader

WORLDS = (1, 3, 8, 24)


def merged(parts: list[list[Batch]]) -> list[Counter[Any]]:
    """What all ranks read at each step."""
    return [sum((Counter(content(part)) for part in step), Counter()) for step in zip(*parts, strict=True)]


@pytest.mark.integration
@pytest.mark.parametrize("world", WORLDS)
def test_ranks_and_workers_of_any_number_read_the_same_at_each_step(
    stored: tuple[storage.Lake, Plan], world: int
) -> None:
    expected = merged([list(loader(stored))])
    ranks = [loader(stored, rank=rank, world=world) for rank in range(world)]
    for workers in range(9):
        parts = []
        for one in ranks:
            shares = [list(one.batches(worker, workers)) for worker in range(workers)] or [list(one.batches(0))]
            turns = [shares[step % len(shares)][step // len(shares)] for step in range(len(expected))]
            assert sum(map(len, shares)) == len(turns)
            parts.append(turns)
        assert merged(parts) == expected


@pytest.mark.integration
def test_two_hundred_stops_twice_in_a_row_and_in_other_worlds_equal_the_uninterrupted_run(
    stored: tuple[storage.Lake, Plan],
) -> None:
    expected = merged([list(loader(stored))])
    worlds = {world: [loader(stored, rank=rank, world=world) for rank in range(world)] for world in (1, 2, 3)}
    draw = random.Random(0)  # noqa: S311  which steps
    for _ in range(100):
        state = {"plan": worlds[1][0].plan_hash, "step": draw.randrange(len(expected))}
        for _ in range(2):
            ranks = worlds[draw.choice((1, 2, 3))]
            for one in ranks:
                one.load_state(json.loads(json.dumps(state)))
            count, first = draw.randrange(1, 4), int(state["step"])
            found = merged([list(islice(iter(one), count)) for one in ranks])
            assert found == expected[first : first + count]
            assert len({json.dumps(one.state()) for one in ranks}) == 1
            state = ranks[0].state()


@pytest.fixture(scope="module")
def fed(models_python: Path, stored: tuple[storage.Lake, Plan]) -> dict[str, Any]:
    run = subprocess.run(
        [models_python, "-W", "ignore", "-m", "tests.reader.feeding", stored[0].uri, "1", "0", "1", "3", "8"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.models
@pytest.mark.integration
@pytest.mark.timeout(900)
def test_workers_of_torch_give_the_same_batches_in_the_same_order(
    fed: dict[str, Any], stored: tuple[storage.Lake, Plan]
) -> None:
    assert set(fed["steps"]) == {"0", "1", "3", "8"}
    whole = fed["steps"]["0"]
    assert len(whole) == stored[1].summary().steps
    assert all(steps == whole for steps in fed["steps"].values())
    assert fed["resumed"] == whole
    assert fed["dataset"] == whole


@pytest.mark.models
@pytest.mark.integration
@pytest.mark.timeout(900)
def test_a_forked_worker_says_what_to_do(fed: dict[str, Any]) -> None:
    assert 'give the DataLoader multiprocessing_context="spawn"' in fed["forked"]
