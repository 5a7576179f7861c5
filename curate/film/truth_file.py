"""The truth of a film as a JSON file beside it."""

import dataclasses
import json
from pathlib import Path

import pyarrow as pa

from schemas.row import arrow_schema, from_table
from schemas.truth import Film


def truth_path(film: Path) -> Path:
    """Where the truth of a film lies."""
    return film.with_suffix(".truth.json")


def save_truth(path: Path, film: Film) -> None:
    """Write the rows of a film's truth."""
    row = dataclasses.asdict(film)
    path.write_text(json.dumps(row, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load_truth(path: Path) -> Film:
    """Read what `save_truth` wrote."""
    row = json.loads(path.read_text(encoding="utf-8"))
    return next(from_table(Film, pa.Table.from_pylist([row], schema=arrow_schema(Film))))
