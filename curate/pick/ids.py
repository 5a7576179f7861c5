"""Ids are long, and many tables have them: to join and to carry the ids themselves takes four times as long as 128 bits
of hash, which stand for them."""

import polars as pl

OF, CHECK = "of", "check"
"""The columns of an id's hash: rows are joined by the one, the other tells ids apart that share it."""


def hashed(table: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """With the hash of an id in its place."""
    return table.with_columns(pl.col(column).hash(0).alias(OF), pl.col(column).hash(1).alias(CHECK)).drop(column)


def matched(table: pl.LazyFrame, known: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of a table beside those of another of the same id, both hashed; without the id."""
    found = table.join(known.rename({CHECK: "known"}), on=OF).filter(pl.col(CHECK) == pl.col("known"))
    return found.drop(OF, CHECK, "known")
