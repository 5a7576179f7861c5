"""Bare HLS and DASH playlists: their formats and subtitles, and nothing of what a page might make of them."""

from typing import Any

from yt_dlp.extractor.common import InfoExtractor

from curate.errors import Unsupported

_URL = r"https?://.+"
_ID = "playlist"


class HlsIE(InfoExtractor):  # type: ignore[misc]  # yt-dlp has no types
    """An m3u8 playlist, of variants or of segments."""

    _VALID_URL = _URL

    def _real_extract(self, url: str) -> dict[str, Any]:
        formats, subtitles = self._extract_m3u8_formats_and_subtitles(url, _ID, "mp4")
        return {"id": _ID, "title": _ID, "formats": formats, "subtitles": subtitles}


class DashIE(InfoExtractor):  # type: ignore[misc]
    """An MPD manifest."""

    _VALID_URL = _URL

    def _real_extract(self, url: str) -> dict[str, Any]:
        found = self._download_xml_handle(url, _ID)
        if found[0].get("type") == "dynamic":
            raise Unsupported("a live stream: its manifest is dynamic")
        base, last = found[1].url.partition("?")[0].rpartition("/")[0], found[1].url
        formats, subtitles = self._parse_mpd_formats_and_subtitles(
            found[0], mpd_id=None, mpd_base_url=base, mpd_url=last
        )
        return {"id": _ID, "title": _ID, "formats": formats, "subtitles": subtitles}


BARE: dict[str, type[HlsIE] | type[DashIE]] = {"hls": HlsIE, "dash": DashIE}
