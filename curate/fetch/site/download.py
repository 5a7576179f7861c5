"""yt-dlp at work, for one page. It runs in a process of its own: much of what it sets holds for the whole process."""

import json
import resource
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.cookies import CookieLoadError
from yt_dlp.globals import all_plugins_loaded, plugin_dirs
from yt_dlp.networking import Request, _urllib

from curate.errors import Gone, RecipeError, RowError, TooLarge, Unreachable, Unsupported, UnsupportedSite
from curate.fetch.address import guard_sockets, networks
from curate.fetch.site.origin import origin
from curate.fetch.site.playlist import BARE
from curate.fetch.site.refusal import refusal
from curate.fetch.site.tracks import tracks
from curate.fetch.site.visit import Page, Visit, Visited

Info = Mapping[str, Any]

_PROTOCOLS = frozenset({"http", "https", "m3u8", "m3u8_native", "http_dash_segments"})
_SCHEMES = ("http", "https", "data")  # yt-dlp would also ask FTP servers
_SLACK_BYTES = 64 << 20  # what yt-dlp may write beside the body
_COMPLETE = ("#EXT-X-ENDLIST", "#EXT-X-PLAYLIST-TYPE:VOD")


class _Redirects(_urllib.RedirectHandler):  # type: ignore[misc]
    """A password goes to its own host only. With requests installed, that sees to it; yt-dlp's own handler does not."""

    def redirect_request(self, req: urllib.request.Request, *answer: Any) -> urllib.request.Request:
        after: urllib.request.Request = super().redirect_request(req, *answer)
        if urlsplit(after.full_url)[:2] != urlsplit(req.full_url)[:2]:
            after.remove_header("Authorization")
        return after


class _Silence:
    """yt-dlp's logger: what matters is raised."""

    def debug(self, _message: str) -> None: ...

    def warning(self, _message: str) -> None: ...

    def error(self, _message: str) -> None: ...


def download(visit: Visit, page: Page) -> Visited:
    """Bring one hosted video into the folder of the page; a RowError says why not."""
    refused = guard_sockets(networks(visit.allowed))
    most = visit.max_bytes + _SLACK_BYTES
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))  # behind the count of bytes in `_Meter`
    plugin_dirs.value, all_plugins_loaded.value = [], True
    _urllib.UrllibRH._SUPPORTED_URL_SCHEMES = _SCHEMES
    _urllib.RedirectHandler = _Redirects
    with _opened(visit, Path(page.folder)) as ydl:
        try:
            return _downloaded(ydl, visit, page)
        except (RowError, MemoryError):
            raise
        except Exception as error:  # extractors fail in all ways on pages that changed
            raise refusal(error, refused) from error


def _opened(visit: Visit, folder: Path) -> YoutubeDL:
    try:
        ydl = YoutubeDL(settings(visit, folder), auto_init="no_verbose_header")
        ydl.cookiejar  # noqa: B018  read now
    except (SyntaxError, CookieLoadError) as error:
        field = "format" if isinstance(error, SyntaxError) else "cookies"
        raise RecipeError(f"fetch.site.{field}: {error}") from error
    return ydl


def _downloaded(ydl: YoutubeDL, visit: Visit, page: Page) -> Visited:
    meter = _Meter(visit.max_bytes)
    info = _video(ydl, page)
    _refuse_live(info)
    parts = info.get("requested_formats") or [info]
    for part in parts:
        _refuse_part(ydl, part, visit.max_bytes)
    ydl.add_progress_hook(meter.see)
    alone = {name: value for name, value in info.items() if name != "requested_formats"}
    for number, part in enumerate(parts):
        body = Path(page.folder) / str(number)
        done, _ = ydl.dl(str(body), {**alone, **part})
        if not done or not body.exists():
            raise Unreachable("yt-dlp gave up on the body")
        meter.begin(body.stat().st_size)
    found, missing = tracks(ydl, info, visit.site, page.folder)
    told = origin(info, parts) | ({"subtitles_missing": missing} if missing else {})
    return Visited(len(parts), json.dumps(told), tuple(found))


class _Meter:
    """Counts the bytes of all parts while they come."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._before = max_bytes, 0

    def begin(self, before: int) -> None:
        """Another part begins, after one of `before` bytes."""
        self._before += before

    def see(self, state: Info) -> None:
        """TooLarge once it is over the cap; yt-dlp calls this for each block."""
        _refuse_size(self._before + (state.get("downloaded_bytes") or 0), self._max_bytes)


def _refuse_size(size_bytes: int, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        cure = "raise fetch.max_bytes to take it, or ask for less by fetch.site.format"
        raise TooLarge(f"{size_bytes} bytes or more, over the cap of {max_bytes}; {cure}")


def _video(ydl: YoutubeDL, page: Page) -> dict[str, Any]:
    """The one video of a page, its formats chosen."""
    if bare := BARE.get(page.kind):
        ydl.add_info_extractor(bare(ydl))
        return _taken(ydl.extract_info(page.uri, download=False, ie_key=bare.ie_key()))
    info = _taken(ydl.extract_info(page.uri, download=False, ie_key="Generic" if page.kind == "page" else None))
    if info.get("_type") in ("playlist", "multi_video"):
        entries = [entry for entry in info.get("entries") or () if entry]
        if len(entries) != 1:
            found = "no video" if not entries else "a list of several videos; add each by its own URL"
            raise UnsupportedSite(f"the page is {found}")
        info = entries[0]
        if info.get("_type", "video") != "video":
            info = _taken(ydl.extract_info(info["url"], download=False, ie_key=info.get("ie_key")))
    return info


def _taken(info: dict[str, Any] | None) -> dict[str, Any]:
    if info is None:
        raise Gone("yt-dlp finds nothing there")
    return info


def _refuse_live(info: Info) -> None:
    if info.get("is_live") or info.get("live_status") in ("is_live", "is_upcoming", "post_live"):
        raise Unsupported(f"a live stream ({info.get('live_status') or 'is_live'}); add it again when it is over")


def _refuse_part(ydl: YoutubeDL, part: Info, max_bytes: int) -> None:
    """Refuse, before it comes, what would be too large, is still growing, or needs a program to be brought."""
    protocol = part.get("protocol") or ""
    if protocol not in _PROTOCOLS:
        raise Unsupported(f"the video comes by {protocol or 'an unknown protocol'}, which is not brought here")
    _refuse_size(part.get("filesize") or 0, max_bytes)
    if protocol.startswith("m3u8"):
        request = Request(part["url"], headers=part.get("http_headers") or {})
        said = ydl.urlopen(request).read().decode("utf-8", "replace")
        if not any(mark in said for mark in _COMPLETE):
            raise Unsupported("a live stream: its playlist has no end (#EXT-X-ENDLIST)")


def settings(visit: Visit, folder: Path) -> dict[str, Any]:
    """What yt-dlp is told."""
    site = visit.site
    return {
        "quiet": True, "noprogress": True, "logger": _Silence(), "color": "no_color",
        "format": site.format, "format_sort": list(site.sort),
        # extractors look for no subtitles where none are to be written
        "writesubtitles": bool(site.subtitles), "writeautomaticsub": bool(site.subtitles) and site.automatic,
        "noplaylist": True, "playlist_items": "1:2", "extract_flat": "in_playlist", "dynamic_mpd": False,
        "cookiefile": _cookies(visit, folder), "cachedir": False, "proxy": "", "geo_bypass": False,
        "js_runtimes": {}, "remote_components": [], "enable_file_urls": False, "allow_playlist_files": False,
        "socket_timeout": visit.read_timeout_s, "ratelimit": site.rate_bytes_s, "sleep_interval_requests": site.pause_s,
        "retries": 3, "fragment_retries": 3, "extractor_retries": 1, "file_access_retries": 0,
        "retry_sleep_functions": dict.fromkeys(("http", "fragment", "file_access", "extractor"), _pause_s),
        "skip_unavailable_fragments": False, "hls_prefer_native": True, "concurrent_fragment_downloads": 1,
        "fixup": "never", "nopart": True, "continuedl": False, "overwrites": True, "updatetime": False,
    }  # fmt: skip


_pause_s: Callable[[int], float] = lambda n: min(8.0, 0.5 * 2.0**n)  # noqa: E731  yt-dlp names its argument


def _cookies(visit: Visit, folder: Path) -> str | None:
    """A copy of the cookies: yt-dlp writes back what sites change in them."""
    if visit.cookies is None:
        return None
    copy = folder / "home" / "cookies.txt"
    copy.write_text(visit.cookies, "utf-8")
    return str(copy)
