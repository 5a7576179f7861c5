"""How the captions of a recipe stand: by status, by axis, beside what can be seen, and what was gained by repairs."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from curate.errors import UsageError
from curate.storage.lake import Lake, open_lake
from jobs.cli import main
from jobs.comparison import comparison
from jobs.job import Snapshot
from jobs.recipe import build
from jobs.road import fingerprints, road, snapshot_of
from jobs.session import open_session
from jobs.show import JsonLines
from jobs.verdicts import lines, stand, tables
from schemas.caption import Axis, Caption, Status, Verdict
from schemas.clip import Clip
from schemas.row import to_table
from schemas.tables import TABLES
from schemas.trace import Trace
from tests.captioners.evidences import caption_of, clip, known_evidence
from tests.jobs.test_compare import BLUE, FULL, GREEN, JOBS, SEER, halves

CLIPS = 8


def put(lake: Lake, table: str, fingerprint: str, rows: Sequence[Clip] | Sequence[Caption] | Sequence[Verdict]) -> None:
    """Rows as a job leaves them."""
    body, key = to_table(type(rows[0]), rows), TABLES[table].key[0]
    traces = to_table(Trace, [Trace(getattr(row, key), 0, 1, None, 1, fingerprint, "run", 0) for row in rows])
    for name in traces.column_names:
        body = body.append_column(traces.schema.field(name), traces[name])
    lake.append_table(table, pa.table(body))


def captioned(index: int, parent: str | None) -> Caption:
    plain = caption_of(replace(known_evidence(), clip=clip(index * 10_000_000)))
    media = f"{index:064x}"
    return replace(
        plain, clip_id=f"{media}/0-1", caption_id=f"{'b' if parent else 'a'}{index}", parent=parent,
        captioner="repaired" if parent else "blend", tokens_in=100 if parent else None,
        tokens_out=5 if parent else None,
    )  # fmt: skip


def judged(caption: Caption, right: int) -> Verdict:
    """Ten questions on colour, of which so many are right and the others wrong; and two that nobody answers."""
    colour = Axis("colour", 10, 10, right, 10 - right, 10, 9, right)
    status: Status = "flagged" if right < 8 else "repaired" if caption.parent else "pass"
    return Verdict(
        caption.caption_id, caption.clip_id, status, 10 / 12, right / 10, (10 - right) / 12,
        0, 0, 0, (colour, Axis("subject", 2, 0, 0, 0)), (),
    )  # fmt: skip


@pytest.fixture
def told(tmp_path: Path) -> Snapshot:
    """Eight captions; the worse half of them was repaired, and one repair made it worse."""
    lake = open_lake(str(tmp_path), {})
    lake.create()
    first = [captioned(index, None) for index in range(CLIPS)]
    right = [8, 8, 9, 9, 5, 5, 6, 7]
    put(lake, "clips", "f1", [replace(clip(), clip_id=caption.clip_id) for caption in first])
    put(lake, "captions", "f1", first)
    put(lake, "verdicts", "f1", [judged(*each) for each in zip(first, right, strict=True)])
    later = [captioned(index, f"a{index}") for index in range(4, CLIPS)]
    put(lake, "captions", "f2", later)
    put(lake, "verdicts", "f2", [judged(*each) for each in zip(later, (9, 9, 8, 4), strict=True)])
    return Snapshot(
        lake, {"clips": "f1", "captions": "f1", "verdicts": "f1"}, {"captions": ("f2",), "verdicts": ("f2",)}
    )


def test_the_caption_that_counts_for_a_clip_is_told_of(told: Snapshot) -> None:
    """A repair that passes stands for what it was made from; one that does not stands for nothing."""
    found = stand(told)
    assert found.statuses == {"flagged": 1, "pass": 4, "repaired": 3}
    colour = {one.measure: one for one in found.standings if one.axis == "colour"}
    assert colour["accuracy"].value == pytest.approx((8 + 8 + 9 + 9 + 9 + 9 + 8 + 7) / 80)
    low, high = colour["accuracy"].low, colour["accuracy"].high
    assert low is not None and high is not None and low < colour["accuracy"].value < high
    assert colour["coverage"].asked == 80
    whole = {one.measure: one for one in found.standings if one.axis == "all"}
    assert whole["coverage"].value == pytest.approx(80 / 96)


def test_what_can_be_seen_and_is_not_told_is_the_gap(told: Snapshot) -> None:
    found = stand(told).standings
    colour = {one.measure: one for one in found if one.axis == "colour"}
    assert (colour["seen"].value, colour["seen"].asked) == (pytest.approx(0.9), 80)
    assert colour["gap"].value == pytest.approx(0.9 - 67 / 80)
    assert colour["gap"].low is not None and colour["gap"].low < colour["gap"].value
    assert {one.measure for one in found if one.axis == "subject"} == {"coverage", "contradiction"}


def test_what_repairs_gained_and_took(told: Snapshot) -> None:
    (gain,) = stand(told).gains
    assert (gain.captioner, gain.captions, gain.passed, gain.lost, gain.tokens) == ("repaired", 4, 3, 0, 420)
    accuracy = next(one for one in gain.differences if (one.axis, one.measure) == ("colour", "accuracy"))
    assert (accuracy.first, accuracy.second) == (pytest.approx(23 / 40), pytest.approx(30 / 40))


def test_each_figure_is_a_line_and_a_cell(told: Snapshot) -> None:
    found = stand(told)
    said = list(lines(found))
    assert {line["figure"] for line in said} == {"status", "standing", "gain", "difference"}
    assert json.loads(json.dumps(said)) == said
    first, grid, gained, *_ = tables(found)
    assert first == "1 flagged, 4 pass, 3 repaired" and not isinstance(grid, str) and grid.row_count == 3
    assert "4 captions were made from others (repaired): 3 pass now, 0 pass no more, 420 tokens" in str(gained)


def test_who_was_told_the_questions_is_not_held_against_who_was_not(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path), {})
    lake.create()
    plain, mended, spare = build({}), build({"repair": SEER}), build({"caption": {"colours": 1}})
    for recipe, right, key in ((plain, 5, "a"), (spare, 6, "c")):
        told = [replace(captioned(index, None), caption_id=f"{key}{index}") for index in range(CLIPS)]
        of = fingerprints(road(recipe))
        put(lake, "captions", of["captions"], told)
        put(lake, "verdicts", of["verdicts"], [judged(one, right) for one in told])
    later = snapshot_of(lake, road(mended)).later
    repaired = [captioned(index, f"a{index}") for index in range(CLIPS)]
    put(lake, "captions", later["captions"][0], repaired)
    put(lake, "verdicts", later["verdicts"][0], [judged(one, 10) for one in repaired])
    found = comparison(lake, mended, spare)
    (accuracy,) = (one for one in found.differences if (one.axis, one.measure) == ("colour", "accuracy"))
    assert (accuracy.first, accuracy.second, accuracy.better) == (pytest.approx(0.5), pytest.approx(0.6), "B")
    with pytest.raises(UsageError, match="the same captions"):
        comparison(lake, plain, mended)


def test_a_lake_without_verdicts_says_so(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path), {})
    lake.create()
    with pytest.raises(UsageError, match="no verdicts of this recipe"):
        stand(Snapshot(lake, {"captions": "f1", "verdicts": "f1"}))


def test_the_command_tells_of_a_lake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened = open_session(str(tmp_path / "lake"), FULL, "inline", JsonLines())
    opened.add([str(halves(tmp_path / "film.avi", BLUE, GREEN))])
    opened.run(JOBS)
    for more in ([], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            main(["verdicts", "--lake", opened.lake.uri, *more])
        assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "1 pass" in said and "coverage" in said
    (status,) = (one for line in said.splitlines() if line.startswith("{") for one in [json.loads(line)]
                 if one.get("figure") == "status")  # fmt: skip
    assert (status["status"], status["captions"]) == ("pass", 1)
