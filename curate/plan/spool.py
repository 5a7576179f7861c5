"""Where frames wait while a plan is made: in memory, or, where there are too many, in files."""

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
