"""A visit: one hosted video into files of a folder. The stage runs isolated, with the network, once for each child."""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from curate.fetch.site.kind import Kind
from curate.fetch.site.policy import Site
from curate.stage import Run, each
from schemas.uri import shown_uri


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be visited, and the empty folder that is all a visit writes to."""

    id: str
    uri: str
    kind: Kind
    folder: str

    def __repr__(self) -> str:
        return f"Page({self.id!r}, {shown_uri(self.uri)!r})"


@dataclass(frozen=True, slots=True)
class Track:
    """Subtitles in one language, as WebVTT."""

    language: str | None
    automatic: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Visited:
    """What came: files `0` (and `1`, sound to be joined to the picture in `0`) of the folder, and what was told."""

    parts: int
    origin: str  # JSON
    tracks: tuple[Track, ...]


@dataclass(frozen=True)
class Visit:
    """yt-dlp on one page."""

    name: ClassVar[str] = "site"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Page
    gives: ClassVar[type] = Visited

    site: Site
    max_bytes: int
    read_timeout_s: float
    allowed: tuple[str, ...]  # networks that are not public
    cookies: str | None = field(default=None, repr=False)  # what is in the file

    def open(self) -> Run[Page, Visited]:
        def one(page: Page) -> tuple[Visited]:
            _settle(Path(page.folder))
            from curate.fetch.site.download import download  # noqa: PLC0415  it looks around when it is loaded

            return (download(self, page),)

        return each(one)


def _settle(folder: Path) -> None:
    """Make a folder all that this process calls its own, and hide the programs and plugins of the machine.

    And libcurl, which yt-dlp would use where it is installed: nobody sees to which addresses its sockets connect.
    """
    for left in folder.iterdir():  # by a process that was killed
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    home = folder / "home"
    home.mkdir()
    os.chdir(home)
    names = ("HOME", "PATH", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    os.environ.update(dict.fromkeys(names, str(home)), YTDLP_NO_PLUGINS="1")
    tempfile.tempdir = None
    sys.modules["curl_cffi"] = None  # type: ignore[assignment]  # importing it fails, as where it is not installed
