"""What is yt-dlp's to bring, told without asking the network."""

from typing import Literal

from curate.errors import UnsupportedSite
from curate.fetch.site.policy import CURE, Site, installed

Kind = Literal["site", "hls", "dash", "page"]
"""A page of a site that yt-dlp knows, a bare playlist, or any other page."""

_LONGEST = 2048  # characters of a URL: some 1,750 patterns are tried on it


def suits(uri: str) -> bool:
    """Whether yt-dlp knows the site of this URL; False without it. Takes 4 ms, first a second."""
    if len(uri) > _LONGEST or not installed():
        return False
    from curate.fetch.site.extractors import known  # noqa: PLC0415  an optional package

    return known(uri)


def kind_of(head: bytes, site: Site) -> Kind | None:
    """What the first bytes of a body make of its URL, where that is something for yt-dlp.

    UnsupportedSite for a page where yt-dlp is missing: nobody can tell whether it would know the site.
    """
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024].lower()
    if begins.startswith(b"#extm3u"):
        return "hls"
    if begins.startswith((b"<?xml", b"<mpd", b"<!--")) and b"<mpd" in begins:
        return "dash"
    if not begins.startswith((b"<!doctype html", b"<html")):
        return None
    if not installed():
        raise UnsupportedSite(f"not media but an HTML page; if it shows a video, yt-dlp may bring it: {CURE}")
    return "page" if site.pages else None
