"""A server may do what it likes: its row fails and says why, the others come, and nothing is left behind."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.fetch.fetch import Fetch
from curate.fetch.policy import Web
from curate.fetch.site.policy import Site
from curate.media.limits import Limits
from curate.stage import Heavy, Outcome
from schemas.media import Media
from tests.fetch.hostile import GIF, Asked, Stage, endlessly, hang_up, playing
from tests.fetch.test_fetch import source

PAGE = b"<!DOCTYPE html><html><head>\n<title>Sign\n in &amp; see\x1b[31m</title>" + b"<p>word" * 2000
BOMB, DEFLATED = gzip.compress(bytes(16 << 20), 1), zlib.compress(bytes(16 << 20), 1)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def play(asked: Asked) -> None:  # noqa: C901, PLR0912, PLR0915  a list of evil deeds
    match asked.path:
        case "/robots.txt":
            asked.answer(status="404 Not Found")
        case "/good.gif":
            asked.answer(GIF, content_type="text/html")
        case "/packed.gif":
            asked.answer(gzip.compress(GIF), content_encoding="gzip")
        case "/dripping-headers":
            asked.send(b"HTTP/1.1 200 OK\r\n")
            endlessly(asked, b"X: y\r\n", apart_s=0.05)
        case "/header-flood":
            asked.send(b"HTTP/1.1 200 OK\r\n")
            endlessly(asked, b"X-Flood: " + b"y" * 32000 + b"\r\n")
        case "/one-long-header":
            asked.send(b"HTTP/1.1 200 OK\r\nX: ")
            endlessly(asked, b"y" * 32000)
        case "/continue-for-ever":
            endlessly(asked, b"HTTP/1.1 100 Continue\r\n\r\n")
        case "/endless":
            asked.send(CHUNKED)
            endlessly(asked, chunk(bytes(1 << 18)))
        case "/endless-page":
            asked.send(CHUNKED)
            endlessly(asked, chunk(PAGE))
        case "/slow":
            asked.answer(bytes(5000), content_length="1000000")
            endlessly(asked, bytes(10), apart_s=0.02)
        case "/crumbs":
            asked.send(CHUNKED)
            endlessly(asked, chunk(b"\x00") * 5000)
        case "/silent":
            asked.answer(bytes(5000), content_length="1000000")
            endlessly(asked, b"", apart_s=0.05, longest_s=8)
        case "/bomb":
            asked.answer(BOMB, content_encoding="gzip")
        case "/deflate-bomb":
            asked.answer(DEFLATED, content_encoding="deflate")
        case "/brotli":
            asked.answer(GIF, content_encoding="br")
        case "/no-gzip":
            asked.answer(GIF, content_encoding="gzip")
        case "/half-gzip":
            asked.answer(gzip.compress(GIF)[:-9], content_encoding="gzip")
        case "/gzip-and-more":
            asked.answer(gzip.compress(GIF) + b"more", content_encoding="gzip")
        case "/too-long-a-length":
            asked.answer(GIF, content_length=str(len(GIF) + 7))
            hang_up(asked)
        case "/no-length":
            asked.answer(GIF, content_length="many")
        case "/minus-length":
            asked.answer(GIF, content_length="-5")
        case "/two-lengths":
            asked.answer(GIF, content_length=f"{len(GIF)}\r\nContent-Length: 5")
        case "/huge-length":
            asked.answer(GIF, content_length="9" * 18)
        case "/too-large":
            asked.answer(b"", content_length=str(1 << 40))
        case "/bad-chunks":
            asked.send(CHUNKED + b"zz\r\nno\r\n")
        case "/no-http":
            asked.send(b"220 mail.example ESMTP\r\n\r\n")
        case "/loop":
            asked.answer(status="302 Found", location="/loop")
        case "/page.mp4":
            asked.answer(PAGE, content_type="video/mp4")
        case "/playlist":
            asked.answer(b"#EXTM3U\n#EXTINF:4\na.ts\n", content_type="video/mp4")
        case "/manifest":
            asked.answer(b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>')
        case "/endless-number":
            asked.answer(b"<html><title>&#" + b"9" * 5000 + b";</title>")
        case "/json":
            asked.answer(b'{"error": "expired"}')
        case "/nothing":
            asked.answer(b"")
        case "/part":
            asked.answer(GIF, status="206 Partial Content", content_range=f"bytes 5-9/{len(GIF)}")
        case "/redirect-in-crumbs":
            asked.answer(b"", "302 Found", content_length="9000", location="/good.gif")
            endlessly(asked, b"x", apart_s=0.05)
        case "/half-a-refusal":
            asked.answer(b"half", "404 Not Found", content_length="9000")
            hang_up(asked)
        case "/odd-reason":
            asked.answer(status="403 \xff\x1b[2J" + "no " * 100)
        case path if path.startswith("/to/"):
            asked.answer(status="302 Found", location=TARGETS[int(path.removeprefix("/to/"))][0])
        case _:
            asked.answer(status="404 Not Found")


TARGETS = [
    ("ftp://127.0.0.1/a.mp4", ("unsupported", "its scheme is 'ftp'")),
    ("file:///etc/passwd", ("unsupported", "its scheme is 'file'")),
    ("http://169.254.169.254/latest/meta-data/", ("blocked_address", "169.254.169.254 is not public: the link")),
    ("http://[::ffff:a9fe:a9fe]/", ("blocked_address", "169.254.169.254, not public: the link")),
    ("http://[fd00:ec2::254]/", ("blocked_address", "fd00:ec2::254 is not public: a private network")),
    ("http://10.0.0.1:8080/", ("blocked_address", "10.0.0.1 is not public: a private network")),
    ("//192.168.0.1/", ("blocked_address", "192.168.0.1 is not public: a private network")),
    ("http://0x7f.1/", ("blocked_address", "'0x7f.1' is an address in disguise")),
    ("http://2852039166/", ("blocked_address", "'2852039166' is an address in disguise")),
    ("http://127.0.0.1:22/", ("blocked_address", "port 22 is not of the web")),
    ("http://127.0.0.1:25/", ("blocked_address", "port 25 is not of the web")),
    ("http://[/", ("blocked_address", "the host '%5b' has a zone or an escape")),
    ("http://a..b/", ("unsupported", "no address that can be fetched: 'a..b'")),
    ("http://a:99999/", ("unsupported", "no address that can be fetched")),
]
"""Where redirects lead, and what comes of it."""

FATES = {
    "/good.gif": None,
    "/packed.gif": None,
    "/dripping-headers": ("unreachable", "no answer within 3 s"),
    "/header-flood": ("unreachable", "the connection failed: Receive buffer too long"),
    "/one-long-header": ("unreachable", "the connection failed: Receive buffer too long"),
    "/continue-for-ever": ("unreachable", "no answer within 3 s"),
    "/endless": ("too_large", "over the cap of 4194304"),
    "/endless-page": ("not_media", "not media but an HTML page: 'Sign in & see [31m'"),
    "/slow": ("timeout", "bytes/s over 0.8 s, and that is too slow; lower fetch.web.min_bytes_s to take it"),
    "/crumbs": ("timeout", "a body in crumbs"),
    "/silent": ("unreachable", "no answer within 3 s"),
    "/bomb": ("too_large", "over the cap of 4194304"),
    "/deflate-bomb": ("too_large", "over the cap of 4194304"),
    "/brotli": ("unsupported", "the server sends it as 'br', though it was asked for it as it is"),
    "/no-gzip": ("unsupported", "the gzip body cannot be unpacked"),
    "/half-gzip": ("unreachable", "the gzip body ends too early"),
    "/gzip-and-more": ("unsupported", "the gzip body goes on after its end"),
    "/too-long-a-length": ("unreachable", "peer closed connection without sending complete message body"),
    "/no-length": ("unreachable", "bad Content-Length"),
    "/minus-length": ("unreachable", "bad Content-Length"),
    "/two-lengths": ("unreachable", "conflicting Content-Length"),
    "/huge-length": ("too_large", "999999999999999999 bytes or more"),
    "/too-large": ("too_large", "1099511627776 bytes or more, over the cap"),
    "/bad-chunks": ("unreachable", "the connection failed"),
    "/no-http": ("unreachable", "the connection failed: illegal status line"),
    "/loop": ("unsupported", "redirects more than 5 times"),
    "/page.mp4": ("not_media", "not media but an HTML page: 'Sign in & see [31m'"),
    "/playlist": ("unsupported_site", "playlists are not brought: fetch.site.enabled is false"),
    "/manifest": ("unsupported_site", "playlists are not brought: fetch.site.enabled is false"),
    "/endless-number": ("not_media", "not media but an HTML page: '&#9999"),
    "/json": ("not_media", "not media but a JSON document"),
    "/nothing": ("not_media", "an empty file"),
    "/part": ("forbidden", "the server answers 206 Partial Content"),
    "/redirect-in-crumbs": None,
    "/half-a-refusal": ("gone", "the server answers 404 Not Found"),
    "/odd-reason": ("forbidden", "the server answers 403 ÿ [2Jno no no"),
    **{f"/to/{number}": fate for number, (_, fate) in enumerate(TARGETS)},
}


@pytest.fixture(scope="module")
def server() -> Iterator[Stage]:
    with playing(play) as stage:
        yield stage


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def fates(server: Stage, scratch: Path) -> dict[str, Outcome[Heavy[Media]]]:
    """All evil deeds in one batch."""
    web = Web(allow_networks=("127.0.0.1/32",), tries=1, per_host=100, slow_s=0.8)
    stage = Fetch(
        max_bytes=4 << 20, read_timeout_s=3.0, scratch=str(scratch), web=web, site=Site(enabled=False),
        probe_limits=Limits(),
    )  # fmt: skip
    of = {source(f"http://127.0.0.1:{server.port}{path}").id: path for path in FATES}
    rows = (source(f"http://127.0.0.1:{server.port}{path}") for path in FATES)
    return {of[outcome.input_id]: outcome for outcome in stage.open()(rows)}


@pytest.mark.parametrize("path", FATES)
def test_each_row_meets_its_fate(fates: dict[str, Outcome[Heavy[Media]]], path: str) -> None:
    outcome, fate = fates[path], FATES[path]
    if fate is None:
        assert outcome.failure is None
        (heavy,) = outcome.rows
        assert isinstance(heavy.body, Path)
        assert heavy.body.read_bytes() == GIF
        heavy.body.unlink()
        return
    assert outcome.failure is not None
    assert (outcome.failure.kind, fate[1] in outcome.failure.detail) == (fate[0], True), outcome.failure


def test_nothing_is_left_behind(fates: dict[str, Outcome[Heavy[Media]]], scratch: Path) -> None:
    assert len(fates) == len(FATES)
    assert list(scratch.iterdir()) == []
