"""The subtitles of a hosted video, as WebVTT."""

import re
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.utils import YoutubeDLError, dfxp2srt

from curate.errors import RowError
from curate.fetch.site.policy import Site
from curate.fetch.site.visit import Track

_NOT_SPOKEN = ("live_chat", "rechat", "danmaku", "comments")
_KNOWN = ("vtt", "srt", "ttml", "dfxp")  # the better first
_MOST_TRACKS = 64
_MOST_BYTES = 8 << 20  # of a track; of a film they have some 100 KiB
_MOST_TOGETHER = 32 << 20  # they are in memory until a shard has them
_SRT_TIME = re.compile(r"(\d{1,2}:\d\d:\d\d),(\d{3})")

Entry = Mapping[str, Any]


def tracks(ydl: YoutubeDL, info: Mapping[str, Any], site: Site, folder: str) -> tuple[list[Track], dict[str, str]]:
    """The tracks that the policy asks for, and of each that could not be had, why.

    What they take on disk is given back at once, so that many endless ones take no more than one does.
    """
    with _short_files():
        return _tracks(ydl, info, site, folder)


@contextmanager
def _short_files() -> Iterator[None]:
    """No file of this process may be longer than a track."""
    now, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_BYTES, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (now, most))


def _tracks(ydl: YoutubeDL, info: Mapping[str, Any], site: Site, folder: str) -> tuple[list[Track], dict[str, str]]:
    found: list[Track] = []
    missing: dict[str, str] = {}
    left = _MOST_TOGETHER
    for number, (language, automatic, entry) in enumerate(_wanted(info, site)):
        if number == _MOST_TRACKS:
            missing["more"] = f"only the first {_MOST_TRACKS} are taken"
            break
        if left <= 0:
            missing["more"] = f"only the first {_MOST_TOGETHER} bytes are taken"
            break
        try:
            data = _webvtt(_body(ydl, entry, Path(folder) / f"track{number}"), entry["ext"])
        except (YoutubeDLError, RowError, OSError, ValueError) as error:
            missing[_code(language) or "?"] = str(error)[:200].encode("utf-8", "replace").decode()
        else:
            found.append(Track(_code(language), automatic, data))
            left -= len(data)
        finally:
            for file in Path(folder).glob(f"track{number}*"):
                file.unlink()
    return found, missing


def _wanted(info: Mapping[str, Any], site: Site) -> Iterator[tuple[str, bool, Entry]]:
    for language, entries in (info.get("subtitles") or {}).items():
        if language not in _NOT_SPOKEN and _asked(language, site) and (entry := _readable(entries)):
            yield language, False, entry
    automatic = info.get("automatic_captions") or {}
    for language in _spoken(automatic, info.get("language")) if site.automatic else ():
        if _asked(language, site) and (entry := _readable(automatic[language])):
            yield language.removesuffix("-orig"), True, entry


def _spoken(automatic: Mapping[str, object], language: str | None) -> list[str]:
    """The automatic captions that are no translation of others."""
    marked = [name for name in automatic if name.endswith("-orig")]
    return marked or [name for name in automatic if len(automatic) == 1 or name == language]


def _asked(language: str, site: Site) -> bool:
    base = language.removesuffix("-orig")
    return any(wish in ("all", base) or base.startswith(f"{wish}-") for wish in site.subtitles)


def _readable(entries: list[Entry]) -> Entry | None:
    return next((entry for ext in _KNOWN for entry in entries if entry.get("ext") == ext), None)


def _body(ydl: YoutubeDL, entry: Entry, path: Path) -> str:
    if (data := entry.get("data")) is not None:
        return str(data)
    ydl.dl(str(path), dict(entry), subtitle=True)
    if path.stat().st_size >= _MOST_BYTES:
        raise ValueError(f"{_MOST_BYTES} bytes or more")
    return path.read_bytes().decode("utf-8", "replace")


def _webvtt(text: str, ext: str) -> bytes:
    if ext != "vtt":
        srt = text if ext == "srt" else dfxp2srt(text.encode())
        text = "WEBVTT\n\n" + _SRT_TIME.sub(r"\1.\2", srt.removeprefix("\ufeff"))
    if not text.lstrip("\ufeff").startswith("WEBVTT"):
        raise ValueError("no WebVTT")
    return text.encode("utf-8", "replace")


def _code(language: str | None) -> str | None:
    """A language code that is one; yt-dlp gives what a playlist calls it."""
    return language if language and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language) else None
