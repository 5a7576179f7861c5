"""Which caption of a clip counts, and whom a person keeps out of a cut."""

import dataclasses
from typing import Any

import polars as pl
import pytest

from curate.pick.counting import counting, rejections
from curate.pick.cut import pick
from curate.pick.policy import Policy
from tests.pick.corpus import Rows, clip


def captions(*rows: tuple[str, str, str, str | None, str]) -> pl.LazyFrame:
    """caption, clip, captioner, parent, and what it was made of."""
    names = ("caption_id", "clip_id", "captioner", "parent", "input_id")
    return pl.LazyFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def verdicts(**statuses: str) -> pl.LazyFrame:
    columns = {"caption_id": list(statuses), "status": list(statuses.values())}
    return pl.LazyFrame(columns, schema=dict.fromkeys(columns, pl.String))


def review(name: str, clip: str, submitted_us: int, **more: Any) -> dict[str, Any]:
    row = {"review_id": name, "clip_id": clip, "mode": "triage", "decision": "caption", "reason": None}
    return {**row, "submitted_us": submitted_us, "tombstone": False, **more}


def reviews(*rows: dict[str, Any]) -> pl.LazyFrame:
    schema = dict.fromkeys(("review_id", "clip_id", "mode", "decision", "reason"), pl.String)
    return pl.LazyFrame(rows, schema={**schema, "submitted_us": pl.Int64, "tombstone": pl.Boolean})


MADE = ("first", "clip", "blend", None, "clip")
MENDED = ("mended", "clip", "blend+repair", "first", "first")
EARLY = ("early", "clip", "human", "first", "r1")
LATE = ("late", "clip", "human", "mended", "r2")
ONE, TWO = review("r1", "clip", 100), review("r2", "clip", 200)


@pytest.mark.parametrize(
    ("told", "tested", "decided", "counts"),
    [
        ((MADE,), {}, (), {"first"}),
        ((MADE, MENDED), {"first": "flagged", "mended": "repaired"}, (), {"mended"}),
        ((MADE, MENDED), {"first": "flagged", "mended": "flagged"}, (), {"first"}),
        ((MADE, MENDED), {"first": "flagged"}, (), {"first"}),  # not tested yet
        ((MADE, MENDED, EARLY), {"mended": "repaired", "early": "reviewed"}, (ONE,), {"early"}),
        ((MADE, EARLY, LATE), {}, (ONE, TWO), {"late"}),
        ((MADE, EARLY, LATE), {}, (ONE, TWO, {**TWO, "tombstone": True}), {"early"}),
        ((MADE, EARLY), {}, ({**ONE, "tombstone": True},), {"first"}),
    ],
)
def test_a_person_stands_for_all_a_repair_for_its_parent(
    told: tuple[Any, ...], tested: dict[str, str], decided: tuple[Any, ...], counts: set[str]
) -> None:
    found = counting(captions(*told), verdicts(**tested), reviews(*decided)).collect()
    assert set(found["caption_id"]) == counts and set(found["clip_id"]) == {"clip"}


def test_one_clip_says_nothing_of_another() -> None:
    other = ("other", "clip two", "blend", None, "clip two")
    found = counting(captions(MADE, EARLY, other), verdicts(), reviews(ONE)).collect()
    assert set(found["caption_id"]) == {"early", "other"}


def test_the_last_decision_of_a_person_keeps_a_clip_out_or_takes_it_back() -> None:
    no = {"decision": "reject", "reason": "a test card"}
    rows = (
        review("a", "out", 1), review("b", "out", 2, **no),
        review("c", "back", 1, **no), review("d", "back", 2),
        review("e", "read", 1, **no), review("f", "read", 2, mode="blind"),
        review("g", "taken back", 1, **{**no, "tombstone": True}),
        review("h", "silent", 1, decision="reject"),
    )  # fmt: skip
    found = rejections(reviews(*rows)).collect().sort("clip_id")
    assert dict(found.iter_rows()) == {"out": "a test card", "read": "a test card", "silent": ""}


def test_a_cut_says_that_a_person_rejected_a_clip_and_why() -> None:
    corpus = Rows()
    for n in range(3):
        corpus.add(n)
    decided = reviews(
        review("a", clip(0), 1, decision="reject", reason="a test card"), review("b", clip(1), 1, decision="reject")
    )
    cut = pick(dataclasses.replace(corpus.corpus(), reviews=decided), Policy(statuses=None))
    found = dict(zip(cut.rows["clip_id"].to_pylist(), cut.rows["reason"].to_pylist(), strict=True))
    assert [found[clip(n)] for n in range(3)] == [
        "rejected by a person: a test card",
        "rejected by a person",
        None,
    ]
