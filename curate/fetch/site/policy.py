"""What is taken of a hosted video, and at what pace: the recipe's table `[fetch.site]`."""

import importlib.util
from dataclasses import dataclass, fields

from curate.errors import RecipeError
from curate.media.limits import GIB
from curate.stage import operational

PACKAGE = "yt_dlp"
CURE = "pip install 'retold[sites]'"


def installed() -> bool:
    """Whether yt-dlp is there."""
    return importlib.util.find_spec(PACKAGE) is not None


@dataclass(frozen=True, slots=True)
class Site:
    """Hosted video pages and playlists. RecipeError where a field is set and yt-dlp is missing, or is out of range.

    By default: the best picture of at most 1080 pixels on its short side (where all are larger, the smallest of them)
    and the best sound, joined without re-encoding when the site keeps them apart; else the best file with both; else a
    picture alone.
    """

    format: str = "bv*+ba/b/bv*"  # yt-dlp's format selector
    sort: tuple[str, ...] = ("res:1080",)  # yt-dlp's format sort: which is the best; `res` is the shorter side
    subtitles: tuple[str, ...] = ("all",)  # languages, "en" is also "en-GB"; "all"; none at all where this is empty
    automatic: bool = (
        True  # also captions made by a machine, in the language that is spoken; never machine translations
    )
    pages: bool = False  # also look for a video in any page of the web; if not, a page is `not_media`
    enabled: bool = operational(True)
    cookies: str | None = operational(None)  # a file in Netscape's format
    at_once: int = operational(4)  # visits of one worker: each is a process
    rate_bytes_s: int | None = operational(None)  # of one visit
    pause_s: float = operational(0.0)  # before each request for a page
    memory_bytes: int = operational(2 * GIB)  # of one visit

    def __post_init__(self) -> None:
        asked = [field.name for field in fields(self) if getattr(self, field.name) != field.default]
        if asked and not installed():
            raise RecipeError(f"fetch.site.{asked[0]} is set, but yt-dlp is not installed: {CURE}")
        if self.at_once < 1 or self.pause_s < 0 or (self.rate_bytes_s is not None and self.rate_bytes_s < 1):
            raise RecipeError(
                "fetch.site: at_once and rate_bytes_s are at least 1, pause_s at least 0; got "
                f"{self.at_once=}, {self.rate_bytes_s=}, {self.pause_s=}"
            )
