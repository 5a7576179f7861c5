"""HLS and DASH made by ffmpeg, and a server that says what was asked of it."""

import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import av

SRT = "1\n00:00:00,500 --> 00:00:01,500\nHello <i>there</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nSecond\nline\n"
_INPUT = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=6", "-f", "lavfi", "-i", "sine=f=440:d=6")
_CODECS = ("-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac")
_HLS = ("-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod")


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg, quietly; what it cannot do is an error."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True, capture_output=True)


def make_playlists(folder: Path) -> None:
    """`ts`, `fmp4`: HLS in MPEG-TS and MP4; `subs` with subtitles; `apart` and `dash` with sound of its own."""
    for name in ("ts", "fmp4", "subs", "apart", "dash"):
        (folder / name).mkdir()
    srt = folder / "s.srt"
    srt.write_text(SRT)
    ffmpeg(*_INPUT, *_CODECS, *_HLS, folder / "ts/a.m3u8")
    ffmpeg(*_INPUT, *_CODECS, *_HLS, "-hls_segment_type", "fmp4", folder / "fmp4/a.m3u8")
    ffmpeg(*_INPUT, *_CODECS, "-f", "dash", "-seg_duration", "2", folder / "dash/a.mpd")
    ffmpeg(
        *_INPUT, "-i", srt, "-map", "0", "-map", "1", "-map", "2", *_CODECS, "-c:s", "webvtt", *_HLS,
        "-master_pl_name", "m.m3u8", "-var_stream_map", "v:0,a:0,s:0,sgroup:subs,language:en", folder / "subs/v%v.m3u8",
    )  # fmt: skip
    ffmpeg(
        *_INPUT, "-map", "0", "-map", "1", *_CODECS, *_HLS, "-master_pl_name", "m.m3u8",
        "-var_stream_map", "a:0,agroup:g,language:en v:0,agroup:g", folder / "apart/v%v.m3u8",
    )  # fmt: skip


def packets(path: Path, kind: str) -> list[bytes]:
    """What the picture (`video`) or the sound (`audio`) of a file is made of."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.best(kind)) if packet.size]


def starts_s(path: Path) -> tuple[float, float]:
    """When the first frame of the picture and of the sound of a file is presented."""
    found = []
    for kind in ("video", "audio"):
        with av.open(str(path)) as container:
            frame = next(container.decode(container.streams.best(kind)))
            found.append(float(frame.pts * frame.time_base))
    return found[0], found[1]


Answer = bytes | int | tuple[int, Mapping[str, str], bytes] | Callable[[BaseHTTPRequestHandler], None]
"""A body, a status, all three parts, or whatever a function does."""


@dataclass
class Shelf:
    """A running server: what it gives, by path, and what it was asked for."""

    address: str
    answers: dict[str, Answer]
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"{self.address}/{path.lstrip('/')}"


@contextmanager
def shelf(answers: Mapping[str, Answer], folder: Path | None = None, host: str = "127.0.0.1") -> Iterator[Shelf]:
    """Serve answers by path, and the files of a folder."""
    here = Shelf("", dict(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = urlsplit(self.path).path.lstrip("/")
            here.asked.append(path)
            here.headers.append(dict(self.headers))
            answer = here.answers.get(path)
            if answer is None and folder is not None and (folder / path).is_file():
                answer = (folder / path).read_bytes()
            if callable(answer):
                answer(self)
                return
            give(handler=self, answer=404 if answer is None else answer)

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that are killed hang up
    here.address = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def give(handler: BaseHTTPRequestHandler, answer: bytes | int | tuple[int, Mapping[str, str], bytes]) -> None:
    """Answer a request."""
    if isinstance(answer, bytes):
        answer = (200, {}, answer)
    elif isinstance(answer, int):
        answer = (answer, {}, b"no")
    status, headers, body = answer
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(body))} | dict(headers)).items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(body)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """A body that never ends."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    try:
        while True:
            handler.wfile.write(bytes(1 << 16))
    except OSError:
        return


def silent(handler: BaseHTTPRequestHandler) -> None:
    """No answer for ten seconds."""
    handler.close_connection = True
    threading.Event().wait(10)


def vod(*segments: str, extra: str = "", end: str = "#EXT-X-ENDLIST\n") -> bytes:
    """A media playlist of these segments."""
    lines = "".join(f"#EXTINF:2.0,\n{segment}\n" for segment in segments)
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n{extra}{lines}{end}".encode()
