"""What the server needs to show a clip: its proxy, as local bytes."""

from pathlib import Path
from typing import Protocol


class Clips(Protocol):
    """Where the media of clips come from. Each raises RowError for a clip that is not there."""

    def mp4_path(self, clip_id: str) -> Path:
        """A local file, which stays while it is read."""
        ...

    def peaks(self, clip_id: str) -> tuple[int, bytes]:
        """Pairs a second, and int8 pairs (lowest, highest); empty without sound."""
        ...

    def thumbs(self, clip_id: str) -> tuple[int, bytes]:
        """How many lie side by side, and the JPEG."""
        ...
