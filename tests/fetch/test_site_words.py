"""What yt-dlp says, in the words of the house: errors, facts and subtitles."""

import io
import json
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.networking.common import Response
from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.utils import ExtractorError, UnsupportedError, UserNotLive

from curate.errors import TooLarge, UsageError
from curate.fetch.site.download import settings
from curate.fetch.site.origin import origin
from curate.fetch.site.policy import Site
from curate.fetch.site.refusal import refusal
from curate.fetch.site.tracks import tracks
from curate.fetch.site.visit import Visit
from curate.fetch.site.webvtt import moved


@pytest.fixture
def ydl() -> Iterator[YoutubeDL]:
    with YoutubeDL({"quiet": True, "noprogress": True, "logger": _Silence()}, auto_init=False) as one:
        yield one


class _Silence:
    def debug(self, _: str) -> None: ...

    def warning(self, _: str) -> None: ...

    def error(self, _: str) -> None: ...


def _said_by(ydl: YoutubeDL, fail: Callable[[InfoExtractor], None]) -> Exception:
    """What comes out of yt-dlp where an extractor fails like this."""

    class StandInIE(InfoExtractor):  # type: ignore[misc]
        _VALID_URL = r"https://stand\.in/.+"

        def _real_extract(self, url: str) -> dict[str, Any]:
            fail(self)
            return {"id": "a", "title": "a"}

    ydl.add_info_extractor(StandInIE(ydl))
    with pytest.raises(Exception) as caught:
        ydl.extract_info("https://stand.in/a", download=False)
    return caught.value


def _raise(error: Exception) -> Callable[[InfoExtractor], None]:
    def fail(_: InfoExtractor) -> None:
        raise error

    return fail


def _status(status: int) -> HTTPError:
    return HTTPError(Response(fp=io.BytesIO(), url="https://stand.in/a", headers={}, status=status))


def _wrapped(status: int, words: str) -> Callable[[InfoExtractor], None]:
    def fail(_: InfoExtractor) -> None:
        try:
            raise _status(status)
        except HTTPError as error:
            raise ExtractorError(words, cause=error, expected=True) from error

    return fail


@pytest.mark.parametrize(
    ("fail", "kind", "words"),
    [
        (lambda ie: ie.raise_geo_restricted(countries=["FR"]), "forbidden", "This video is available in France"),
        (lambda ie: ie.raise_login_required(), "login_required", "registered users"),
        (lambda ie: ie.raise_login_required("This video is private", metadata_available=False), "login_required", ""),
        (lambda ie: ie.report_drm("a"), "forbidden", "DRM"),
        (lambda ie: ie.raise_no_formats("Video unavailable", expected=True), "gone", "Video unavailable"),
        (lambda ie: None, "no_video", ""),  # no formats at all
        (_raise(UnsupportedError("https://stand.in/a")), "unsupported_site", "Unsupported URL"),
        (_raise(UserNotLive()), "unsupported", "not currently live"),
        (_raise(ExtractorError("Sign in to confirm you’re not a bot. Use --cookies", expected=True)),
         "rate_limited", "bot"),
        (_raise(ExtractorError("Sign in to confirm your age", expected=True)), "login_required", "Sign in"),
        (_raise(ExtractorError("Private video. Sign in if you've been granted access", expected=True)),
         "login_required", "Private"),
        (_raise(ExtractorError("This video has been removed by the uploader", expected=True)), "gone", "removed"),
        (_raise(ExtractorError("The uploader has not made this video available in your country", expected=True)),
         "forbidden", "country"),
        (_raise(ExtractorError("This live event will begin in 3 days", expected=True)), "unsupported", "live event"),
        (_raise(ExtractorError("Unable to extract player")), "unsupported_site", "yt-dlp cannot bring it"),
        (_raise(TypeError("'NoneType' object is not subscriptable")), "unsupported_site", "NoneType"),
        (_wrapped(404, "Unable to download webpage"), "gone", ""),
        (_wrapped(403, "Unable to download webpage"), "forbidden", ""),
        (_wrapped(403, "This video is for members only"), "login_required", "members"),
        (_wrapped(429, "Unable to download webpage"), "rate_limited", ""),
        (_wrapped(503, "Unable to download webpage"), "unreachable", ""),
        (_raise(ExtractorError("Unable to download webpage", cause=TransportError("reset"))), "unreachable", ""),
        (_raise(TooLarge("over the cap")), "too_large", "over the cap"),
    ],
)  # fmt: skip
def test_an_error_of_yt_dlp_has_its_kind(
    ydl: YoutubeDL, fail: Callable[[InfoExtractor], None], kind: str, words: str
) -> None:
    said = refusal(_said_by(ydl, fail), [])
    assert said.kind == kind
    assert words in str(said)
    assert "report this issue" not in str(said)
    assert "--" not in str(said)


def test_an_address_that_was_refused_is_the_reason(ydl: YoutubeDL) -> None:
    said = refusal(_said_by(ydl, _raise(ExtractorError("Unable to download webpage"))), ["10.0.0.1 is not public"])
    assert (said.kind, str(said)) == ("blocked_address", "10.0.0.1 is not public")


def test_a_full_disk_stops_the_job(ydl: YoutubeDL) -> None:
    full = OSError(28, "No space left on device")
    with pytest.raises(UsageError, match=r"fetch\.scratch"):
        refusal(_said_by(ydl, _raise(ExtractorError("unable to write data", cause=full))), [])


def test_what_a_site_tells_is_plain_bounded_and_without_addresses() -> None:
    info = {
        "id": "a", "title": "a\ud800b", "description": "x" * 50_000, "tags": ["t"] * 1000, "duration": float("nan"),
        "view_count": 1 << 70, "url": "https://e.com/?sig=1", "http_headers": {"Cookie": "c"}, "cookies": "c=1",
        "thumbnail": "https://e.com/t?sig=1", "webpage_url": "https://e.com/", "extractor_key": "Stand",
        "chapters": [{"start_time": 0, "end_time": 2.5, "title": "One", "url": "https://e.com"}, "no chapter"],
        "categories": [], "age_limit": 18, "license": "CC BY", "upload_date": "20250101",
    }  # fmt: skip
    part = {"format_id": "22", "url": "https://e.com/?sig=1", "vcodec": "h264", "acodec": "none", "height": 720}
    told = origin(info, [part])
    assert told["title"] == "a?b"
    assert (len(str(told["description"])), len(told["tags"])) == (20_000, 200)  # type: ignore[arg-type]
    assert told["chapters"] == [{"start_time": 0, "end_time": 2.5, "title": "One"}]
    assert told["formats"] == [{"format_id": "22", "vcodec": "h264", "height": 720}]
    assert {"duration", "view_count", "categories"}.isdisjoint(told)
    assert not any(word in json.dumps(told) for word in ("https:", "Cookie", "c=1"))


VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n"


def _entry(text: str, ext: str = "vtt") -> list[dict[str, str]]:
    return [{"ext": "json3", "data": "{}"}, {"ext": ext, "data": text}]


def test_subtitles_by_people_and_by_machine_but_no_machine_translation(ydl: YoutubeDL, tmp_path: Path) -> None:
    info = {
        "subtitles": {"en-GB": _entry(VTT), "de": _entry(VTT), "live_chat": _entry(VTT), "fr": [{"ext": "json3"}]},
        "automatic_captions": {"en-orig": _entry(VTT), "en": _entry(VTT), "zu": _entry(VTT)},
    }
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    found, missing = tracks(ydl, info, Site(), str(tmp_path))
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before
    assert [(t.language, t.automatic) for t in found] == [("en-GB", False), ("de", False), ("en", True)]
    assert missing == {}
    found, _ = tracks(ydl, info, Site(subtitles=("en",), automatic=False), str(tmp_path))
    assert [(t.language, t.automatic) for t in found] == [("en-GB", False)]


@pytest.mark.parametrize(
    ("site", "asked"),
    [(Site(), {"by people", "by machine"}), (Site(automatic=False), {"by people"}), (Site(subtitles=()), set())],
)
def test_extractors_look_for_the_subtitles_that_are_wanted(tmp_path: Path, site: Site, asked: set[str]) -> None:
    looked: set[str] = set()

    class StandInIE(InfoExtractor):  # type: ignore[misc]
        _VALID_URL = r"https://stand\.in/.+"

        def _get_subtitles(self) -> dict[str, Any]:
            looked.add("by people")
            return {"en": [{"ext": "vtt", "url": "https://stand.in/en.vtt"}]}

        def _get_automatic_captions(self) -> dict[str, Any]:
            looked.add("by machine")
            return {}

        def _real_extract(self, url: str) -> dict[str, Any]:
            subtitles, automatic = self.extract_subtitles(), self.extract_automatic_captions()
            formats = [{"url": "https://stand.in/a.mp4", "height": 90}]
            return {
                "id": "a",
                "title": "a",
                "formats": formats,
                "subtitles": subtitles,
                "automatic_captions": automatic,
            }

    with YoutubeDL(settings(Visit(site, 1, 1.0, ()), tmp_path), auto_init=False) as ydl:
        ydl.add_info_extractor(StandInIE(ydl))
        info = ydl.extract_info("https://stand.in/a", download=False)
    assert looked == asked
    assert set(info.get("subtitles") or {}) == ({"en"} if "by people" in asked else set())


def test_other_formats_become_webvtt_and_what_is_none_is_missing(ydl: YoutubeDL, tmp_path: Path) -> None:
    ttml = (
        '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="00:00:01.000" end="00:00:02.000">hi</p>'
        "</div></body></tt>"
    )
    srt = "1\n00:00:00,500 --> 00:00:01,250\nhello\n"
    info = {"subtitles": {"en": _entry(srt, "srt"), "de": _entry(ttml, "ttml"), "fr": _entry("<html>no</html>")}}
    found, missing = tracks(ydl, info, Site(), str(tmp_path))
    assert found[0].data == b"WEBVTT\n\n1\n00:00:00.500 --> 00:00:01.250\nhello\n"
    assert b"00:00:01.000 --> 00:00:02.000\nhi" in found[1].data
    assert missing == {"fr": "no WebVTT"}


def test_a_language_that_is_no_code_is_unknown(ydl: YoutubeDL, tmp_path: Path) -> None:
    found, _ = tracks(ydl, {"subtitles": {"../../etc": _entry(VTT), "pt-BR": _entry(VTT)}}, Site(), str(tmp_path))
    assert [track.language for track in found] == [None, "pt-BR"]
    assert list(tmp_path.iterdir()) == []


def test_the_clock_of_webvtt_goes_with_its_media() -> None:
    named = b"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:01.500,MPEGTS:900000\n\n"
    assert moved(named, 3_600_250_000) == b"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:01:00:01.750,MPEGTS:900000\n\n"
    assert moved(VTT.encode(), 3_600_250_000) == VTT.encode()
    other = b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00.000\n\n"
    assert moved(other, 10_000_000) == b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:10.000\n\n"
