"""What the stage takes: a caption that was tested, and the clip that somebody may have to look at."""

from dataclasses import dataclass

from curate.media.file import LocalFile
from schemas.caption import Status
from schemas.clip import Clip
from schemas.media import Media


@dataclass(frozen=True, slots=True)
class Told:
    """A tested caption. `file` is None where nobody will look at its clip, so that no byte of it is fetched."""

    caption_id: str
    status: Status
    clip: Clip
    media: Media
    file: LocalFile | None

    @property
    def id(self) -> str:
        return self.caption_id
