"""All errors of the house.

    RetoldError
    ├── RowError             this row is bad: recorded as `failure {kind, detail}`, the job goes on
    │   ├── NotMedia         no decoder recognises the bytes, or they are empty
    │   ├── NoVideo          media without a picture (sound or subtitles only)
    │   ├── NoFrames         a picture stream of which no frame could be decoded
    │   ├── Unsupported      a codec or feature that nothing here decodes
    │   ├── TooLarge         over a cap: bytes, pixels, memory
    │   ├── TooLong          over its deadline
    │   ├── Crashed          killed the process that worked on it
    │   ├── Gone             the source is not there
    │   ├── Forbidden        the source may not be read
    │   └── Unreachable      the source did not answer; transient
    ├── UsageError           the job cannot run: names the thing and the cure
    │   ├── RecipeError      a recipe or an option is wrong
    │   └── LakeError        the lake cannot be used, or somebody else is writing the same rows
    └── EngineError          what runs the workers is gone; nothing that was committed is lost

Anything else that is raised is a bug or a broken world, and stops the job.
"""

from typing import ClassVar

from schemas.trace import Failure


class RetoldError(Exception):
    """Root of the tree."""


class RowError(RetoldError):
    """This row is bad. `transient` kinds are tried again by later runs until their attempts are spent."""

    kind: ClassVar[str]
    transient: ClassVar[bool] = False

    @property
    def failure(self) -> Failure:
        return Failure(self.kind, str(self)[:2000])


class NotMedia(RowError):
    kind = "not_media"


class NoVideo(RowError):
    kind = "no_video"


class NoFrames(RowError):
    kind = "no_frames"


class Unsupported(RowError):
    kind = "unsupported"


class TooLarge(RowError):
    kind = "too_large"


class TooLong(RowError):
    kind = "timeout"


class Crashed(RowError):
    kind = "crashed"


class Gone(RowError):
    kind = "gone"


class Forbidden(RowError):
    kind = "forbidden"


class Unreachable(RowError):
    kind = "unreachable"
    transient = True


class UsageError(RetoldError):
    """The job cannot run; the message names the thing and the cure."""


class RecipeError(UsageError):
    """A recipe or an option is wrong."""


class LakeError(UsageError):
    """The lake cannot be used."""


class EngineError(RetoldError):
    """What runs the workers is gone."""


ROW_ERRORS: dict[str, type[RowError]] = {
    error.kind: error
    for error in (
        NotMedia, NoVideo, NoFrames, Unsupported, TooLarge, TooLong, Crashed, Gone, Forbidden, Unreachable,
    )
}  # fmt: skip
"""Row errors by kind."""
