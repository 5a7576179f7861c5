"""Recipes with and without each job that they may leave out: every job reads what was made before it."""

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from jobs.recipe import build
from jobs.road import road
from jobs.session import job_names
from tests.jobs.test_compare import SEER

PARTS: Mapping[str, Mapping[str, Any]] = {
    "repair": {"repair": SEER},
    "quiz": {"quiz": SEER},
    "witness": {"witness": SEER},
    "proxy": {"proxy": {}},
    "embed": {"embed": {"model": {"name": "t5", "sha256": "0", "folder": "/t5"}}},
    "reader": {"check": {"reader": {"model": {"server": {"model": "r", "revision": "1"}}}}},
}
RECIPES = [some for count in range(len(PARTS) + 1) for some in itertools.combinations(PARTS, count)]


@pytest.mark.parametrize("some", RECIPES, ids="+".join)
def test_every_job_reads_and_waits_for_what_was_made_before_it(some: tuple[str, ...]) -> None:
    recipe = build({key: value for name in some for key, value in PARTS[name].items()})
    made = set[tuple[str, str]]()
    for job in road(recipe):
        assert set(job.reads.items()) <= made, job.label
        assert {*job.needs, *job.needs_of, *job.among} <= job.reads.keys(), job.label
        assert job.over in job.reads or job.over in {"sources", "reviews"}, job.label
        assert (job.output, job.fingerprint) not in made, job.label
        made.add((job.output, job.fingerprint))
    names = job_names(recipe)
    assert {"repair", "quiz", "witness", "proxy", "embed"} & set(names) == set(some) - {"reader"}
    assert "repair" not in names[: names.index("check") + 1]  # --until check asks nothing again


def test_what_a_recipe_leaves_out_changes_no_caption_and_a_repair_no_first_test() -> None:
    def prints(*some: str) -> dict[str, str]:
        recipe = build({key: value for name in some for key, value in PARTS[name].items()})
        return {job.label: job.fingerprint for job in road(recipe)}

    plain = prints()
    assert all(prints(*some)["caption"] == plain["caption"] for some in RECIPES)
    for name in ("check", "check (reviews)"):
        assert prints("repair", "proxy")[name] == plain[name]
        assert len({prints(one)[name] for one in ("repair", "quiz", "witness", "reader")}) == 4
    assert prints("quiz", "witness", "reader")["witness"] == prints("witness")["witness"]
