"""Captions as a folder that `datasets` loads."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from curate.errors import UsageError
from curate.review.huggingface import Card, Sample, sample, write_dataset
from schemas.caption import Caption, Claim, Judgement, Review
from schemas.row import from_table

KEY = b"a key of the exporter"


def caption(number: int, parent: str | None = None) -> Caption:
    claim = Claim(f"c{number}#0", "subject", 0, 9, "A dog.", ("clips",), "human" if parent else "vlm", uncertain=False)
    return Caption(
        f"c{number}", f"m/{number}", "blend", "en", "{}", (claim,), f"dense {number}", "medium", "short",
        ("dog", "park"), None, None, None, None, parent=parent,
    )  # fmt: skip


def review(decision: str = "caption") -> Review:
    judgement = Judgement("c0#0", "edited", "subject", 0, 9, "A cat.", "A dog.", "attribute", "it barks")
    return Review(
        "item#1", "c0", "m/1", 1, "triage", decision, None, "one", ("Ann", "Bob"), (judgement,), "A cat.", 0, 1, 1  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_folder_is_read_back_as_it_was(tmp_path: Path) -> None:
    samples = [sample(caption(n), KEY) for n in range(25)] + [sample(caption(30, "c0"), KEY, review(), "videos/m.mp4")]
    assert write_dataset(tmp_path / "set", iter(samples), Card("Dogs"), rows_per_file=10) == 26
    files = sorted((tmp_path / "set" / "data").iterdir())
    assert [file.name for file in files] == [f"train-{n:05d}.parquet" for n in range(3)]
    back = [row for file in files for row in from_table(Sample, pq.read_table(file))]
    assert back == samples
    assert ds.dataset(files).count_rows() == 26  # one schema for all
    kinds = {field.name: field.type for field in pq.read_schema(files[0])}
    assert kinds["tags"] == pa.list_(pa.field("element", pa.string(), False))
    assert pq.read_schema(files[0]).metadata is None


def test_what_people_corrected_stands_with_before_and_after_and_nobody_is_named(tmp_path: Path) -> None:
    row = sample(caption(1, "c0"), KEY, review())
    assert (row.origin, row.before, row.after, row.decision) == ("human", "A cat.", "dense 1", "caption")
    assert (row.corrections[0].before, row.corrections[0].after) == ("A cat.", "A dog.")
    assert len(set(row.reviewers)) == 2
    assert "Ann" not in repr(row)
    assert sample(caption(1, "c0"), KEY + b"!", review()).reviewers != row.reviewers
    rejected = sample(caption(0), KEY, review("reject"))
    assert (rejected.origin, rejected.decision, rejected.after) == ("machine", "reject", None)
    with pytest.raises(UsageError, match="16 are the least"):
        sample(caption(1), b"short")


def test_the_card_says_where_the_rows_are_and_what_each_field_is(tmp_path: Path) -> None:
    title = '"Dogs": all'
    write_dataset(tmp_path / "set", [sample(caption(1), KEY)], Card(title, "cc-by-4.0", "Of a park."))
    text = (tmp_path / "set" / "README.md").read_text()
    head = text.split("---\n")[1]
    assert f"pretty_name: {json.dumps(title)}\n" in head
    assert 'license: "cc-by-4.0"' in head
    assert "path: data/*.parquet" in head
    assert all(f"| `{name}` |" in text for name in pq.read_schema(tmp_path / "set/data/train-00000.parquet").names)
    assert "1 captions" in text


def test_no_row_is_a_dataset_without_rows_and_a_full_folder_is_left_alone(tmp_path: Path) -> None:
    assert write_dataset(tmp_path / "set", [], Card("None")) == 0
    assert pq.read_table(tmp_path / "set/data/train-00000.parquet").num_rows == 0
    with pytest.raises(UsageError, match="is not empty"):
        write_dataset(tmp_path / "set", [], Card("None"))
