"""Hosted video and playlists by the real yt-dlp, from servers on the loopback."""

import asyncio
import contextlib
import gzip
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from Cryptodome.Cipher import AES
from Cryptodome.Util.Padding import pad

from curate.errors import RecipeError, RowError, UnsupportedSite
from curate.fetch.access import Access
from curate.fetch.bring import Told
from curate.fetch.drop import Drop, sweep
from curate.fetch.fetch import Fetch
from curate.fetch.policy import Web
from curate.fetch.site.bring import open_site
from curate.fetch.site.kind import Kind, kind_of, suits
from curate.fetch.site.policy import Site
from curate.fetch.uri import source_id
from schemas.media import Source
from tests.fetch.playlists import Answer, Shelf, endless, give, make_playlists, packets, shelf, silent, starts_s, vod

pytestmark = pytest.mark.integration

HERE = ("127.0.0.1/32",)  # the canary, at 127.0.0.2, is not allowed
MIB = 1 << 20


@pytest.fixture(scope="module")
def playlists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("playlists")
    make_playlists(folder)
    return folder


@pytest.fixture
def server(playlists: Path) -> Iterator[Shelf]:
    with shelf({}, playlists) as here:
        yield here


@pytest.fixture
def canary() -> Iterator[Shelf]:
    with shelf({"secret.ts": b"secret" * 100}, host="127.0.0.2") as here:
        yield here


def source(uri: str) -> Source:
    return Source(source_id(uri), uri, None, None, None, None, False, 0)


def access(scratch: Path, total_s: float = 60.0, read_s: float = 5.0, **site: object) -> Access:
    return Access(read_s, total_s, scratch=str(scratch), web=Web(allow_networks=HERE), site=Site(**site))  # type: ignore[arg-type]


def bring(uri: str, kind: Kind, access: Access, max_bytes: int = 8 * MIB) -> tuple[bytes, Told]:
    """The body of one source and what was told of it; nothing else is left behind."""
    scratch = Path(access.scratch or "")
    scratch.mkdir(exist_ok=True)

    async def one() -> tuple[bytes, Told]:
        async with AsyncExitStack() as stack:
            drop = Drop(max_bytes, access.scratch)
            try:
                told = await open_site(access, stack)(source(uri), drop, kind)
                return drop.path.read_bytes(), told
            finally:
                drop.close()

    try:
        return asyncio.run(one())
    finally:
        assert list(scratch.iterdir()) == []


def refused(uri: str, kind: Kind, access: Access, max_bytes: int = 8 * MIB) -> tuple[str, str]:
    with pytest.raises(RowError) as caught:
        bring(uri, kind, access, max_bytes)
    return caught.value.kind, str(caught.value)


def test_hls_is_its_segments_byte_for_byte(server: Shelf, playlists: Path, tmp_path: Path) -> None:
    body, told = bring(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s"))
    assert body == b"".join((playlists / f"ts/a{i}.ts").read_bytes() for i in range(3))
    assert told.origin is not None
    assert told.origin["extractor"] == "Hls"


def test_hls_in_mp4_begins_with_its_header(server: Shelf, playlists: Path, tmp_path: Path) -> None:
    body, _ = bring(server.url("fmp4/a.m3u8"), "hls", access(tmp_path / "s"))
    names = ["init.mp4", *(f"a{i}.m4s" for i in range(3))]
    assert body == b"".join((playlists / "fmp4" / name).read_bytes() for name in names)


@pytest.mark.parametrize(
    ("sizes", "taken", "site"),
    [
        (("640x360", "3840x2160", "1920x1080"), "1920x1080", {}),
        (("360x640", "1080x1920", "2160x3840"), "1080x1920", {}),  # upright: the short side counts
        (("3840x2160", "2560x1440"), "2560x1440", {}),  # all larger: the smallest
        (("640x360", "1920x1080"), "640x360", {"format": "b[height<=480]"}),
    ],
)
def test_the_best_picture_of_at_most_1080_pixels_is_taken(
    server: Shelf, tmp_path: Path, sizes: tuple[str, ...], taken: str, site: dict[str, object]
) -> None:
    variant = '#EXT-X-STREAM-INF:BANDWIDTH={1},RESOLUTION={0},CODECS="avc1.64000c,mp4a.40.2"\n{0}.m3u8\n'
    lines = (variant.format(size, 1000 * (i + 1)) for i, size in enumerate(sizes))
    server.answers["m.m3u8"] = ("#EXTM3U\n" + "".join(lines)).encode()
    server.answers |= {f"{size}.m3u8": vod("ts/a0.ts") for size in sizes}
    _, told = bring(server.url("m.m3u8"), "hls", access(tmp_path / "s", **site))
    assert {path for path in server.asked if "x" in path} == {f"{taken}.m3u8"}
    assert told.origin is not None


def test_encrypted_hls_is_decrypted(server: Shelf, playlists: Path, tmp_path: Path) -> None:
    key = bytes(range(16))
    for i in range(3):
        clear = (playlists / f"ts/a{i}.ts").read_bytes()
        server.answers[f"locked/a{i}.ts"] = AES.new(key, AES.MODE_CBC, i.to_bytes(16, "big")).encrypt(pad(clear, 16))
    server.answers["locked/key"] = key
    segments = [f"a{i}.ts" for i in range(3)]
    server.answers["locked/a.m3u8"] = vod(*segments, extra='#EXT-X-KEY:METHOD=AES-128,URI="key"\n')
    body, _ = bring(server.url("locked/a.m3u8"), "hls", access(tmp_path / "s"))
    assert body == b"".join((playlists / f"ts/a{i}.ts").read_bytes() for i in range(3))


def test_subtitles_of_a_playlist_come_beside_it(server: Shelf, tmp_path: Path) -> None:
    _, told = bring(server.url("subs/m.m3u8"), "hls", access(tmp_path / "s"))
    ((sidecar, data),) = told.sidecars
    assert (sidecar.language, sidecar.automatic, sidecar.blob) == ("en", False, None)
    assert data.startswith(b"WEBVTT\n")
    assert b"Hello <i>there</i>" in data
    assert b"Second\nline" in data


def test_subtitles_that_nobody_asked_for_are_not_brought(server: Shelf, tmp_path: Path) -> None:
    _, told = bring(server.url("subs/m.m3u8"), "hls", access(tmp_path / "s", subtitles=("fr",)))
    assert told.sidecars == ()
    assert not [path for path in server.asked if path.endswith(".vtt")]


def test_a_lost_subtitle_costs_no_video_and_is_told(server: Shelf, tmp_path: Path) -> None:
    server.answers["subs/v01.vtt"] = 404
    body, told = bring(server.url("subs/m.m3u8"), "hls", access(tmp_path / "s"))
    assert body
    assert told.sidecars == ()
    assert told.origin is not None
    assert "404" in str(told.origin["subtitles_missing"])


def test_subtitles_take_little_of_disk_and_memory(server: Shelf, tmp_path: Path) -> None:
    most = 0

    def track(handler: BaseHTTPRequestHandler) -> None:
        nonlocal most
        most = max(most, sum(file.stat().st_size for file in (tmp_path / "s").rglob("*") if file.is_file()))
        give(handler, b"WEBVTT\n\n" + b"x" * (6 * MIB))

    media = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="{0}",LANGUAGE="{0}",URI="{0}.m3u8"\n'
    names = ["aa", *(f"b{letter}" for letter in "abcdefgh")]
    for name in names:
        server.answers[f"{name}.m3u8"] = vod(f"{name}.vtt")
        server.answers[f"{name}.vtt"] = endless if name == "aa" else track
    server.answers["m.m3u8"] = (
        "#EXTM3U\n" + "".join(map(media.format, names)) + '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="s"\nts/a.m3u8\n'
    ).encode()
    _, told = bring(server.url("m.m3u8"), "hls", access(tmp_path / "s"), max_bytes=100 * MIB)
    assert sum(len(data) for _, data in told.sidecars) < 40 * MIB
    assert most < 20 * MIB
    assert told.origin is not None
    missing = told.origin["subtitles_missing"]
    assert isinstance(missing, dict)
    assert set(missing) == {"aa", "more"}


def test_dash_with_sound_apart_is_joined_without_re_encoding(server: Shelf, playlists: Path, tmp_path: Path) -> None:
    body, told = bring(server.url("dash/a.mpd"), "dash", access(tmp_path / "s"))
    joined = tmp_path / "joined.mp4"
    joined.write_bytes(body)
    for number, kind in enumerate(("video", "audio")):
        part = tmp_path / f"part{number}.mp4"
        pieces = sorted((playlists / "dash").glob(f"chunk-stream{number}-*.m4s"))
        part.write_bytes(b"".join(p.read_bytes() for p in [playlists / f"dash/init-stream{number}.m4s", *pieces]))
        assert packets(joined, kind) == packets(part, kind)
    picture_s, sound_s = starts_s(joined)
    assert picture_s == pytest.approx(0, abs=1e-3)
    assert sound_s == pytest.approx(0, abs=1e-3)
    assert told.origin is not None
    assert [one["vcodec" if i == 0 else "acodec"][:4] for i, one in enumerate(told.origin["formats"])] == [  # type: ignore[arg-type, index]
        "avc1",
        "mp4a",
    ]
    assert bring(server.url("dash/a.mpd"), "dash", access(tmp_path / "s"))[0] == body


def test_joined_sound_keeps_its_distance_to_the_picture(server: Shelf, tmp_path: Path) -> None:
    (tmp_path / "joined.mp4").write_bytes(bring(server.url("apart/m.m3u8"), "hls", access(tmp_path / "s"))[0])
    (tmp_path / "whole.ts").write_bytes(bring(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s"))[0])
    joined, whole = starts_s(tmp_path / "joined.mp4"), starts_s(tmp_path / "whole.ts")
    assert min(joined) == pytest.approx(0, abs=1e-3)
    assert joined[1] - joined[0] == pytest.approx(whole[1] - whole[0], abs=2e-3)


def test_a_stream_that_is_still_live_is_refused_before_a_segment_comes(server: Shelf, tmp_path: Path) -> None:
    server.answers["live.m3u8"] = vod("ts/a0.ts", end="")
    kind, detail = refused(server.url("live.m3u8"), "hls", access(tmp_path / "s"))
    assert kind == "unsupported"
    assert "live stream" in detail
    assert not [path for path in server.asked if path.endswith(".ts")]


def test_a_dash_manifest_that_changes_is_a_live_stream(server: Shelf, playlists: Path, tmp_path: Path) -> None:
    manifest = (playlists / "dash/a.mpd").read_bytes()
    server.answers["live.mpd"] = manifest.replace(b'type="static"', b'type="dynamic"')
    kind, detail = refused(server.url("live.mpd"), "dash", access(tmp_path / "s"))
    assert (kind, "live stream" in detail) == ("unsupported", True)


@pytest.mark.parametrize("where", ["segment", "variant", "key", "header", "redirect", "name"])
def test_a_playlist_leads_to_no_other_address(server: Shelf, canary: Shelf, tmp_path: Path, where: str) -> None:
    secret = canary.url("secret.ts")
    by_name = secret.replace("127.0.0.2", "0x7f000002")
    server.answers["a.m3u8"] = {
        "segment": vod("ts/a0.ts", secret),
        "variant": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{secret}\n".encode(),
        "key": vod("ts/a0.ts", extra=f'#EXT-X-KEY:METHOD=AES-128,URI="{secret}"\n'),
        "header": vod("fmp4/a0.m4s", extra=f'#EXT-X-MAP:URI="{secret}"\n'),
        "redirect": vod("away.ts"),
        "name": vod(by_name),
    }[where]
    server.answers["away.ts"] = (302, {"Location": secret}, b"")
    kind, detail = refused(server.url("a.m3u8"), "hls", access(tmp_path / "s"))
    assert kind == "blocked_address"
    assert "127.0.0.2" in detail
    assert canary.asked == []


def test_a_manifest_leads_to_no_other_address(server: Shelf, canary: Shelf, playlists: Path, tmp_path: Path) -> None:
    manifest = (playlists / "dash/a.mpd").read_bytes()
    base = f"<BaseURL>{canary.address}/</BaseURL>".encode()
    server.answers["a.mpd"] = manifest.replace(b"<Period", base + b"<Period", 1)
    assert refused(server.url("a.mpd"), "dash", access(tmp_path / "s"))[0] == "blocked_address"
    assert canary.asked == []


def test_subtitles_elsewhere_are_left_out_and_never_asked_for(server: Shelf, canary: Shelf, tmp_path: Path) -> None:
    secret = tmp_path / "secret.vtt"
    secret.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nsecret\n")
    media = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="{0}",LANGUAGE="{0}",URI="{1}"\n'
    server.answers["m.m3u8"] = (
        "#EXTM3U\n" + media.format("en", canary.url("a.m3u8")) + media.format("de", f"file://{secret}")
        + '#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="s"\nts/a.m3u8\n'
    ).encode()  # fmt: skip
    body, told = bring(server.url("m.m3u8"), "hls", access(tmp_path / "s"))
    assert (len(body) > 0, told.sidecars, canary.asked) == (True, (), [])
    assert told.origin is not None
    missing = told.origin["subtitles_missing"]
    assert isinstance(missing, dict)
    assert set(missing) == {"en", "de"}


def _bomb(handler: BaseHTTPRequestHandler) -> None:
    body = gzip.compress(b"#EXTM3U\n") + gzip.compress(bytes(MIB)) * 600
    give(handler, (200, {"Content-Encoding": "gzip"}, body))


def _endless_playlist(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n#EXTM3U\n")
    handler.close_connection = True
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"#EXT-X-VERSION:3\n" * 4096)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY a "aaaaaaaaaa">""" + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)
) + b"]><MPD>&j;</MPD>"  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "answer", "failures"),
    [
        ("hls", endless, {"unsupported_site"}),
        ("hls", _endless_playlist, {"too_large", "timeout"}),
        ("hls", _bomb, {"too_large"}),
        ("dash", LAUGHS, {"unsupported_site", "too_large", "timeout"}),
        ("dash", b"<MPD><Period/></MPD>", {"unsupported_site", "no_video"}),
        ("hls", b"#EXTM3U\n" * 200_000, {"unsupported_site", "no_video", "unsupported", "timeout"}),
        ("hls", b"\xff\xfe\x00", {"unsupported_site", "no_video", "unsupported"}),
    ],
)
def test_a_hostile_playlist_costs_its_row_and_no_more(
    server: Shelf, tmp_path: Path, kind: Kind, answer: Answer, failures: set[str]
) -> None:
    server.answers["bad"] = answer
    bounded = access(tmp_path / "s", total_s=20.0, memory_bytes=400 * MIB)
    assert refused(server.url("bad"), kind, bounded)[0] in failures


@pytest.mark.parametrize(
    "uri", ["file://{path}", "file:{path}", "gopher://127.0.0.1/1", "concat:{path}", "ftp://{ftp}/a.ts"]
)
def test_a_playlist_reads_no_file_and_no_other_scheme(server: Shelf, tmp_path: Path, uri: str) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(b"secret" * 100)
    ftp = socket.create_server(("127.0.0.1", 0))
    server.answers["a.m3u8"] = vod(uri.format(path=secret, ftp=f"127.0.0.1:{ftp.getsockname()[1]}"))
    kind, detail = refused(server.url("a.m3u8"), "hls", access(tmp_path / "s"))
    ftp.settimeout(0)
    with pytest.raises(BlockingIOError):  # nobody has connected
        ftp.accept()
    ftp.close()
    assert kind in ("unsupported", "gone")  # gone: some are taken for paths of this server, which has none
    assert "secretsecret" not in detail


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, "gone"), (410, "gone"), (401, "login_required"), (403, "forbidden"), (429, "rate_limited"),
     (503, "unreachable")],
)  # fmt: skip
def test_a_missing_segment_says_why(server: Shelf, tmp_path: Path, status: int, kind: str) -> None:
    server.answers["ts/a1.ts"] = status
    assert refused(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s"))[0] == kind


def test_no_address_and_no_name_of_a_signed_url_is_told(server: Shelf, tmp_path: Path) -> None:
    _, told = bring(server.url("ts/a.m3u8?signature=hush"), "hls", access(tmp_path / "s"))
    assert "hush" not in json.dumps(told.origin)
    assert "http" not in json.dumps(told.origin)


@pytest.mark.parametrize("endless_at", [0, 1])
def test_what_does_not_end_is_too_large(server: Shelf, tmp_path: Path, endless_at: int) -> None:
    server.answers[f"ts/a{endless_at}.ts"] = endless
    kind, detail = refused(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s"), max_bytes=2 * MIB)
    assert kind == "too_large"
    assert "fetch.max_bytes" in detail


def test_many_small_segments_are_too_large_together(server: Shelf, tmp_path: Path) -> None:
    server.answers["a.m3u8"] = vod(*["ts/a0.ts"] * 50)
    assert refused(server.url("a.m3u8"), "hls", access(tmp_path / "s"), max_bytes=MIB // 2)[0] == "too_large"


def test_a_server_that_is_silent_is_unreachable_or_out_of_time(server: Shelf, tmp_path: Path) -> None:
    server.answers["ts/a1.ts"] = silent
    kind, detail = refused(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s", total_s=3.0, read_s=60.0))
    assert kind == "timeout"
    assert "3 s" in detail


def children() -> list[int]:
    """Processes of this one that keep the network."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            if b"network" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                found.append(int(pid))
    return found


def test_a_visit_that_is_cancelled_is_killed_at_once(server: Shelf, tmp_path: Path) -> None:
    server.answers["ts/a1.ts"] = silent

    async def cancelled() -> float:
        async with AsyncExitStack() as stack:
            drop = Drop(MIB, str(tmp_path))
            brought = asyncio.create_task(
                open_site(access(tmp_path), stack)(source(server.url("ts/a.m3u8")), drop, "hls")
            )
            while "ts/a1.ts" not in server.asked:
                await asyncio.sleep(0.02)
            assert len(children()) == 1
            begun = time.monotonic()
            brought.cancel()
            with pytest.raises(asyncio.CancelledError):
                await brought
            drop.close()
            return time.monotonic() - begun

    assert asyncio.run(cancelled()) < 2.0
    assert children() == []
    assert list(tmp_path.iterdir()) == []


def test_a_visit_whose_process_is_killed_is_tried_once_more(server: Shelf, playlists: Path, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_once(handler: BaseHTTPRequestHandler) -> None:
        if killed:
            give(handler, (playlists / "ts/a1.ts").read_bytes())
            return
        killed.extend(children())
        os.kill(killed[0], signal.SIGKILL)
        handler.close_connection = True

    server.answers["ts/a1.ts"] = kill_once
    body, _ = bring(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s"))
    assert len(killed) == 1
    assert body == b"".join((playlists / f"ts/a{i}.ts").read_bytes() for i in range(3))


PAGE = b"""<!DOCTYPE html><html><head><title>../../../tmp/x\x1b[31m&#1;/etc</title>
<meta property="og:video" content="/clip.ts"></head>
<body><video src="/clip.ts" type="video/mp4"></video></body></html>"""


@pytest.fixture
def page(server: Shelf, playlists: Path) -> str:
    server.answers |= {
        "page": (200, {"Content-Type": "text/html"}, PAGE),
        "clip.ts": (200, {"Content-Type": "video/mp2t"}, (playlists / "ts/a0.ts").read_bytes()),
    }
    return server.url("page")


def test_a_page_is_looked_at_only_where_the_policy_asks(page: str, playlists: Path, tmp_path: Path) -> None:
    def fetched(pages: bool) -> Fetch:
        return Fetch(scratch=str(tmp_path), web=Web(allow_networks=HERE, robots="ignore"), site=Site(pages=pages))

    (outcome,) = fetched(False).open()([source(page)])
    assert outcome.failure is not None
    assert outcome.failure.kind == "not_media"
    (outcome,) = fetched(True).open()([source(page)])
    (heavy,) = outcome.rows
    assert isinstance(heavy.body, Path)
    assert heavy.body.read_bytes() == (playlists / "ts/a0.ts").read_bytes()
    assert (heavy.row.container, heavy.row.picture is not None) == ("mpegts", True)
    assert [path.name for path in tmp_path.iterdir()] == [heavy.body.name]  # nothing of the title is a path
    assert "tmp/x" in json.loads(heavy.row.origin or "")["title"]


def test_a_playlist_goes_through_fetch_with_its_subtitles(server: Shelf, playlists: Path, tmp_path: Path) -> None:
    stage = Fetch(scratch=str(tmp_path), web=Web(allow_networks=HERE, robots="ignore"))
    (outcome,) = stage.open()([source(server.url("subs/m.m3u8"))])
    (heavy,) = outcome.rows
    assert [sidecar.language for sidecar in heavy.row.sidecars] == ["en"]
    assert heavy.beside[0].startswith(b"WEBVTT")
    assert heavy.row.duration_us == pytest.approx(6_023_000, abs=50_000)
    assert json.loads(heavy.row.origin or "")["formats"][0]["height"] == 90


def test_a_page_without_a_video_is_an_unsupported_site(server: Shelf, tmp_path: Path) -> None:
    server.answers["page"] = (200, {"Content-Type": "text/html"}, b"<!doctype html><html><body>hello</body></html>")
    assert refused(server.url("page"), "page", access(tmp_path / "s"))[0] == "unsupported_site"


def test_cookies_are_sent_and_their_file_stays_as_it_is(server: Shelf, tmp_path: Path) -> None:
    cookies = tmp_path / "cookies.txt"
    cookies.write_text("# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tlogin\thush\n")
    server.answers["ts/a0.ts"] = (200, {"Set-Cookie": "login=other"}, b"x" * 188)
    before = cookies.read_text()
    bring(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s", cookies=str(cookies)))
    assert server.headers[0]["Cookie"] == "login=hush"
    assert cookies.read_text() == before


@pytest.mark.parametrize("handler", ["requests", "urllib"])
def test_a_password_in_a_url_goes_to_its_own_host_only(
    handler: str, server: Shelf, playlists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if handler == "urllib":
        (tmp_path / "requests.py").write_text("raise ImportError")
        monkeypatch.syspath_prepend(str(tmp_path))
    seen: dict[str, set[str | None]] = {"here.m3u8": set(), "b.m3u8": set()}

    def note(handler: BaseHTTPRequestHandler) -> None:
        seen[handler.path.lstrip("/")].add(handler.headers["Authorization"])
        give(handler, vod("ts/a0.ts"))

    with shelf({"b.m3u8": note}, playlists) as other:
        server.answers["here.m3u8"] = note
        server.answers["away.m3u8"] = (302, {"Location": other.url("b.m3u8")}, b"")
        for name in ("here.m3u8", "away.m3u8"):
            bring(server.url(name).replace("//", "//user:word@"), "hls", access(tmp_path / "s"))
    assert "Basic dXNlcjp3b3Jk" in seen["here.m3u8"]
    assert seen["b.m3u8"] == {None}


def test_a_visit_has_no_sockets_that_nobody_watches(
    server: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "curl_cffi").mkdir()
    (tmp_path / "curl_cffi" / "__init__.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w').close()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    bring(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s"))
    assert not (tmp_path / "loaded").exists()


def test_the_pace_of_a_visit_is_held(server: Shelf, playlists: Path, tmp_path: Path) -> None:
    begun = time.monotonic()
    size = sum((playlists / f"ts/a{i}.ts").stat().st_size for i in range(3))
    bring(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s", rate_bytes_s=size // 3))
    assert time.monotonic() - begun > 2.0


@pytest.mark.parametrize(
    ("site", "words"),
    [({"cookies": "/nowhere/cookies.txt"}, "fetch.site.cookies"), ({"format": "bv*+("}, "fetch.site.format")],
)
def test_a_wrong_setting_stops_the_job(server: Shelf, tmp_path: Path, site: dict[str, object], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        bring(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s", **site))


def test_without_yt_dlp_a_playlist_names_the_cure(
    server: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = access(tmp_path / "s")
    monkeypatch.setitem(sys.modules, "yt_dlp", None)
    kind, detail = refused(server.url("ts/a.m3u8"), "hls", policy)
    assert (kind, "pip install 'retold[sites]'" in detail) == ("unsupported_site", True)
    assert not suits("https://vimeo.com/1234")
    with pytest.raises(UnsupportedSite, match="retold"):
        kind_of(b"<!doctype html><html>", Site())
    with pytest.raises(RecipeError, match=r"fetch\.site\.format is set"):
        Site(format="b")


def test_a_site_that_is_switched_off_brings_nothing(server: Shelf, tmp_path: Path) -> None:
    kind, detail = refused(server.url("ts/a.m3u8"), "hls", access(tmp_path / "s", enabled=False))
    assert (kind, "fetch.site.enabled" in detail) == ("unsupported_site", True)


@pytest.mark.parametrize(
    ("uri", "known"),
    [
        ("https://vimeo.com/1234", True),
        ("https://www.youtube.com/watch?v=BaW_jenozKc", True),
        ("https://example.com/a.mp4", False),
        ("https://example.com/a.m3u8?token=1", False),
        ("http://[::1/a.mp4", False),
        ("https://vimeo.com/1234?" + "x" * 3000, False),
    ],
)
def test_a_site_is_known_by_its_url(uri: str, known: bool) -> None:
    assert suits(uri) is known


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xef\xbb\xbf\n#EXTM3U\n", "hls"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<MPD xmlns="urn">', "dash"),
        (b"<?xml version='1.0'?><rss/>", None),
        (b"<!DOCTYPE html><html>", None),
        (b"\x00\x00\x00\x18ftypmp42", None),
    ],
)
def test_a_playlist_is_known_by_its_first_bytes(head: bytes, kind: str | None) -> None:
    assert kind_of(head, Site()) == kind
    assert kind_of(b"<!DOCTYPE html><html>", Site(pages=True)) == "page"


def test_folders_of_killed_workers_are_swept(tmp_path: Path) -> None:
    drop = Drop(MIB, str(tmp_path))
    mine = drop.path.with_name(drop.path.name + ".site")
    dead = tmp_path / mine.name.replace(f"-{os.getpid()}-", "-999999999-")
    for folder in (mine, dead):
        (folder / "home").mkdir(parents=True)
    sweep(str(tmp_path))
    assert (mine.exists(), dead.exists()) == (True, False)
    drop.close()
