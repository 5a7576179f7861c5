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
    │   ├── Compromised      made the process that worked on it say what no stage says
    │   ├── Gone             the source is not there
    │   ├── Forbidden        the source may not be read
    │   ├── LoginRequired    the source is for those who are logged in
    │   ├── Disallowed       robots.txt asks not to fetch it
    │   ├── BlockedAddress   the source lies on an address that nothing here may connect to
    │   ├── UnsupportedSite  a page of which no video can be had
    │   ├── BadAnswer        a model's answer could not be used, twice
    │   ├── CutShort         a model's answer was cut off
    │   ├── Refused          a model's server or engine does not take what it was asked
    │   ├── RateLimited      the source asks to come back later; transient
    │   └── Unreachable      the source did not answer; transient
    ├── UsageError           the job cannot run: names the thing and the cure
    │   ├── RecipeError      a recipe or an option is wrong
    │   └── LakeError        the lake cannot be used, or somebody else is writing the same rows
    ├── BudgetReached        a run has used what it may; nothing is lost
    └── EngineError          what runs the workers is gone; nothing that was committed is lost

Anything else that is raised is a bug or a broken world, and stops the job.
"""

import difflib
from collections.abc import Sequence
from typing import ClassVar

from schemas.trace import Failure


class RetoldError(Exception):
    """Root of the tree."""


class RowError(RetoldError):
    """This row is bad. `transient` kinds are tried again by later runs until their attempts are spent.

    `cure` says what a person can do about it, for all rows of the kind.
    """

    kind: ClassVar[str]
    cure: ClassVar[str]
    transient: ClassVar[bool] = False

    @property
    def failure(self) -> Failure:
        return Failure(self.kind, str(self)[:2000])


class NotMedia(RowError):
    kind = "not_media"
    cure = "nothing to do: it is no media; a server that sends a page instead of a file may want a login or a cookie"


class NoVideo(RowError):
    kind = "no_video"
    cure = "nothing to do: there is no picture in it"


class NoFrames(RowError):
    kind = "no_frames"
    cure = "nothing to do: its picture is broken; fetch it again if the file may have been cut off"


class Unsupported(RowError):
    kind = "unsupported"
    cure = "nothing to do here: no decoder or reader takes it"


class TooLarge(RowError):
    kind = "too_large"
    cure = "raise fetch.max_bytes, or the memory limit of the stage that is named, if such media are wanted"


class TooLong(RowError):
    kind = "timeout"
    cure = "raise the deadline of the stage that is named, if such media are wanted; then `retold retry --kind timeout`"


class Crashed(RowError):
    kind = "crashed"
    cure = "it kills its process again and again: keep it out, or `retold retry --kind crashed` after an update"


class Compromised(RowError):
    kind = "compromised"
    cure = "take it for an attack on a decoder: keep it out, and update; then `retold retry --kind compromised`"


class Gone(RowError):
    kind = "gone"
    cure = "nothing to do: it is not there any more"


class Forbidden(RowError):
    kind = "forbidden"
    cure = "see to the permission, then `retold retry --kind forbidden`"


class LoginRequired(RowError):
    kind = "login_required"
    cure = "give cookies of a login that may read it (fetch.site.cookies), then `retold retry --kind login_required`"


class Disallowed(RowError):
    kind = "disallowed"
    cure = 'leave it, or ask the owner; fetch.web.robots = "ignore" if you have the owner\'s leave'


class BlockedAddress(RowError):
    kind = "blocked_address"
    cure = "if the address is yours, name its network in fetch.web.allow_networks, then retry; a port cannot be let in"


class UnsupportedSite(RowError):
    kind = "unsupported_site"
    cure = "nothing to do: no video can be had from this page; an update of yt-dlp may know it"


class BadAnswer(RowError):
    kind = "bad_answer"
    cure = "look at the detail; another model, prompt or temperature, then `retold retry --kind bad_answer`"


class CutShort(RowError):
    kind = "cut_short"
    cure = "raise sampling.max_tokens, or lower bounds, of the job that is named; what changes is done anew"


class Refused(RowError):
    kind = "refused"
    cure = "send the model less of a clip, or give it a longer context; then `retold retry --kind refused`"


class RateLimited(RowError):
    kind = "rate_limited"
    cure = "run again later; lower fetch.web.per_host or fetch.web.rate_hz for a gentler pace"
    transient = True


class Unreachable(RowError):
    kind = "unreachable"
    cure = "it is tried again by the next run until its attempts are spent; then `retold retry --kind unreachable`"
    transient = True


class UsageError(RetoldError):
    """The job cannot run; the message names the thing and the cure."""


class RecipeError(UsageError):
    """A recipe or an option is wrong."""


class LakeError(UsageError):
    """The lake cannot be used."""


class BudgetReached(RetoldError):
    """A run has used what it may."""


class EngineError(RetoldError):
    """What runs the workers is gone."""


ROW_ERRORS: dict[str, type[RowError]] = {
    error.kind: error
    for error in (
        NotMedia, NoVideo, NoFrames, Unsupported, TooLarge, TooLong, Crashed, Compromised, Gone, Forbidden,
        LoginRequired, Disallowed, BlockedAddress, UnsupportedSite, BadAnswer, CutShort, Refused, RateLimited,
        Unreachable,
    )
}  # fmt: skip
"""Row errors by kind."""


def meant(name: str, known: Sequence[str]) -> str:
    """The cure of a name that is not known: the nearest that is, or all of them."""
    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
