"""`retold diff`: two cuts of a lake, by name and by hash."""

import json

import pyarrow as pa
import pytest

from curate.errors import UsageError
from curate.storage.lake import Lake
from jobs.difference import named, versions
from schemas.latent import Pick
from schemas.row import to_table
from schemas.trace import Stamp
from tests.care.world import make_lake
from tests.jobs.test_cli import retold


def _picked(lake: Lake, cut: str, cut_hash: str, dropped: int, made_us: int) -> None:
    ids = sorted(lake.scan("clips").select("clip_id").collect()["clip_id"])
    rows = [
        Pick(cut, cut_hash, one, at >= dropped, None if at >= dropped else "motion < 1", (), "train", None, "b", 1.0)
        for at, one in enumerate(ids)
    ]
    stamp = to_table(Stamp, [Stamp("f-picks", "run", made_us) for _ in ids])
    body = to_table(Pick, rows)
    lake.append_table(
        "picks", pa.table([*body.columns, *stamp.columns], names=[*body.schema.names, *stamp.schema.names])
    )


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = make_lake(str(tmp_path_factory.mktemp("lake")))
    _picked(made, "calm", "aaaaaa11", 0, 1)
    _picked(made, "calm", "bbbbbb22", 1, 2)
    _picked(made, "calm two", "cccccc33", 2, 3)
    return made


def test_a_cut_is_found_by_name_hash_or_both(lake: Lake) -> None:
    assert str(named(lake, "calm")) == "calm@bbbbbb22"
    assert named(lake, "calm@aaaa").cut_hash == "aaaaaa11"
    assert named(lake, "cccccc").cut == "calm two"
    with pytest.raises(UsageError, match=r"no cuts are called 'wild'.*calm@aaaaaa11, calm@bbbbbb22"):
        named(lake, "wild")
    assert len(versions(lake)) == 4


def test_the_difference_is_told_in_json(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = retold(capsys, "diff", "calm@aaaa", "calm", "--lake", lake.uri, "--json")
    found = json.loads(said)
    assert code == 0
    assert found["left"]["clips"] == 1
    assert found["left"]["reasons"] == {"motion < 1": 1}
    assert found["both"]["clips"] == 3


def test_the_difference_is_told_to_people(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = retold(capsys, "diff", "calm", "calm two", "--lake", lake.uri)
    assert code == 0
    assert "left, B says: motion < 1" in said
    assert [line.split()[-3:] for line in said.splitlines() if "kept by both" in line] == [["2", "0.0", "s"]]
    assert "A: calm@bbbbbb22   B: calm two@cccccc33" in said
