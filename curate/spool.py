"""Where frames wait while a cut or a plan is made: in memory, or, where there are too many, in files."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Spool:
    """Frames by name. With a folder, which the caller removes, they are files in it."""

    folder: Path | None
    held: dict[str, pl.DataFrame] = field(default_factory=dict)

    def put(self, name: str, frame: pl.DataFrame) -> None:
        if self.folder is None:
            self.held[name] = frame
        else:
            frame.write_ipc(self.folder / f"{name}.arrow", compression="lz4")

    def get(self, name: str) -> pl.DataFrame:
        if self.folder is None:
            return self.held[name]
        return pl.read_ipc(self.folder / f"{name}.arrow")

    def take(self, name: str) -> pl.DataFrame:
        """A frame that is not asked for again."""
        frame = self.get(name)
        if self.folder is None:
            del self.held[name]
        else:
            (self.folder / f"{name}.arrow").unlink()
        return frame

    def parted(self, tables: Mapping[str, pl.LazyFrame], parts: int) -> Iterator[dict[str, pl.LazyFrame]]:
        """The rows of all tables by their column `part`, which is a number below `parts`; a table is read once."""
        if parts == 1 or self.folder is None:
            yield {name: table.drop("part") for name, table in tables.items()}
            return
        for name, table in tables.items():
            into = pl.PartitionBy(self.folder / name, key="part", include_key=False)
            table.sink_ipc(into, compression="lz4", maintain_order=False, mkdir=True)
        for part in range(parts):
            folders = {name: self.folder / name / f"part={part}" for name in tables}
            yield {
                name: pl.scan_ipc(folder / "*.ipc") if folder.exists() else tables[name].drop("part").clear()
                for name, folder in folders.items()
            }
            for folder in folders.values():
                shutil.rmtree(folder, ignore_errors=True)
