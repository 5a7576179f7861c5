"""Rows that wait while a cut or a plan is made."""

from pathlib import Path

import polars as pl

from curate.spool import Spool

KEYS = [f"clip-{n % 40}" for n in range(200)]


def test_parts_have_all_rows_of_their_keys_and_each_table_is_read_once(tmp_path: Path) -> None:
    reads = []

    def read(frame: pl.DataFrame) -> pl.DataFrame:
        reads.append(frame.height)
        return frame

    many = pl.DataFrame({"clip_id": KEYS, "n": range(200)})
    one = pl.DataFrame({"clip_id": ["clip-7"], "shape": [[1, 2]]})
    tables = {"many": many.lazy().map_batches(read), "one": one.lazy()}
    tables = {name: table.with_columns(part=pl.col("clip_id").hash(0) % 5) for name, table in tables.items()}
    seen: dict[str, int] = {}
    rows = []
    for number, part in enumerate(Spool(tmp_path).parted(tables, 5)):
        frames = {name: table.collect() for name, table in part.items()}
        assert all(seen.setdefault(key, number) == number for frame in frames.values() for key in frame["clip_id"])
        assert frames["one"].schema == one.schema
        rows.append(frames)
    assert sum(reads) == 200
    assert len(rows) == 5
    assert pl.concat([part["many"] for part in rows]).sort("n").equals(many)
    assert pl.concat([part["one"] for part in rows]).equals(one)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_one_part_is_the_tables_themselves(tmp_path: Path) -> None:
    table = pl.LazyFrame({"clip_id": ["a"], "part": [0]})
    (part,) = Spool(tmp_path).parted({"table": table}, 1)
    assert part["table"].collect().to_dict(as_series=False) == {"clip_id": ["a"]}
    assert list(tmp_path.iterdir()) == []
