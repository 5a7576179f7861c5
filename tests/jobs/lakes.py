"""What a lake holds, but for where and when: so that two lakes can be compared."""

from collections import Counter

from curate.storage.lake import Lake
from schemas.tables import TABLES

LEDGER = ("recipes", "runs")


def content(lake: Lake) -> dict[str, Counter[str]]:
    """Every row of every table but the ledger, without the columns that say where or when."""
    held = {}
    for name, table in TABLES.items():
        if name not in LEDGER:
            frame = lake.scan(name).drop(sorted(table.volatile)).collect()
            held[name] = Counter(map(repr, frame.iter_rows()))
    return held


def differences(one: Lake, other: Lake) -> list[str]:
    """A line for each table in which two lakes differ, with an example."""
    a, b = content(one), content(other)
    return [
        f"{name}: {(a[name] - b[name]).total()} rows only here, {(b[name] - a[name]).total()} only there, "
        f"such as {next(iter((a[name] - b[name]) + (b[name] - a[name])))[:300]}"
        for name in a
        if a[name] != b[name]
    ]


def doubled(lake: Lake) -> list[str]:
    """Tables in which an attempt at an input left its rows twice."""
    bad = []
    for name, table in TABLES.items():
        if table.traced:
            frame = lake.scan(name).select("fingerprint", "input_id", "ordinal", "attempt").collect()
            if frame.n_unique() != len(frame):
                bad.append(name)
    return bad
