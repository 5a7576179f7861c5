"""Which ids a table holds: exact, though only their beginnings are kept."""

import hashlib
from pathlib import Path

import polars as pl
import pytest

from curate.storage.known import Known
from curate.storage.lake import Lake, open_lake
from schemas.media import Source


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    return lake


def source(one: str, evaluation: str | None = None) -> Source:
    return Source(one, f"http://x/{one}", None, None, None, None, False, 0, evaluation=evaluation)


def digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def test_what_is_in_the_table_is_known_and_nothing_else(lake: Lake) -> None:
    lake.append("sources", [source(digest(i)) for i in range(0, 1000, 2)])
    known = Known(lake, "sources", "source_id")
    assert known.among([digest(i) for i in range(1000)]) == {digest(i) for i in range(0, 1000, 2)}
    assert known.among([]) == frozenset()


def test_ids_that_begin_alike_are_told_apart(lake: Lake) -> None:
    begins = "0123456789abcdef"
    there, absent = begins + "0" * 48, begins + "f" * 48
    lake.append("sources", [source(there)])
    known = Known(lake, "sources", "source_id")
    assert known.maybe([there, absent]) == [there, absent]
    assert known.among([there, absent]) == {there}


def test_the_least_and_the_greatest_id_are_found(lake: Lake) -> None:
    ends = ["0" * 64, "f" * 64]
    lake.append("sources", [source(one) for one in ends])
    assert Known(lake, "sources", "source_id").among([*ends, "8" * 64]) == set(ends)


def test_what_has_come_since_is_learnt(lake: Lake) -> None:
    known = Known(lake, "sources", "source_id")
    for first in range(0, 40, 10):
        ids = [digest(i) for i in range(first, first + 10)]
        assert known.among(ids) == frozenset()
        lake.append("sources", [source(one) for one in ids])
        known.learn(ids)
    assert known.among([digest(i) for i in range(50)]) == {digest(i) for i in range(40)}


def test_rows_that_are_left_out_are_not_known(lake: Lake) -> None:
    lake.append("sources", [source(digest(0)), source(digest(1), "set")])
    judged = Known(lake, "sources", "source_id", pl.col("evaluation").is_not_null())
    assert judged.among([digest(0), digest(1)]) == {digest(1)}
