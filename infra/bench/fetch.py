"""What fetching costs: many small files and few large ones from a server on this machine, beside httpx2 and curl.

    python infra/bench/fetch.py [--small 2000] [--large 4] [--large-mib 512]

`fetch` is the whole stage, rows in, media with their facts out; `bring` the same without looking at what the bytes are;
the yardsticks only write bytes to files: they hash nothing, check nothing and wait for nobody. CPU is of all processes
but the server's, start-up left out.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2

from curate.fetch.access import Access
from curate.fetch.drop import Drop
from curate.fetch.fetch import Fetch
from curate.fetch.policy import Web
from curate.fetch.site.policy import Site
from curate.fetch.uri import source_id
from curate.fetch.web import open_web
from jobs.clock import tree_cpu_s
from schemas.media import Source

AT_ONCE = 32
WEB = Web(allow_networks=("127.0.0.0/8",), per_host=AT_ONCE)
SERVER = """
import asyncio, sys
body, size = open(sys.argv[1], "rb").read(), int(sys.argv[2])

async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            if head.startswith(b"GET /robots.txt"):
                writer.write(b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n")
                continue
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % size)
            writer.write(body)
            for begins in range(len(body), size, 1 << 20):
                writer.write(bytes(min(1 << 20, size - begins)))
                await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
"""Answers anything with a film, followed by zeros up to a size."""


def source(url: str) -> Source:
    """A source as `retold add` makes it."""
    return Source(source_id(url), url, None, None, None, None, False, 0)


def fetch(urls: list[str], folder: str) -> None:
    """The stage; twice, for what it loads is loaded with the first row. yt-dlp is asked of URLs that name no file."""
    run = Fetch(at_once=AT_ONCE, scratch=folder, web=WEB, site=Site()).open()
    for rows in (urls[:1], urls):
        begin()
        for outcome in run(map(source, rows)):
            (heavy,) = outcome.rows
            Path(str(heavy.body)).unlink()
        end()


def bring(urls: list[str], folder: str) -> None:
    """The bytes, by all rules, and nothing more."""

    async def main() -> None:
        places = asyncio.Semaphore(AT_ONCE)
        async with AsyncExitStack() as stack:
            brings = open_web(Access(30.0, 600.0, web=WEB, site=Site(enabled=False)), stack)

            async def one(url: str) -> None:
                async with places:
                    drop = Drop(1 << 40, folder)
                    await brings(source(url), drop)
                    drop.close()

            await one(urls[0])
            begin()
            await asyncio.gather(*map(one, urls))
            end()

    asyncio.run(main())


def by_httpx(urls: list[str], folder: str) -> None:
    """An httpx2 client and files."""

    @asynccontextmanager
    async def getting(client: httpx2.AsyncClient, url: str) -> AsyncIterator[httpx2.Response]:
        async with client.stream("GET", url) as response:
            yield response

    async def main() -> None:
        places = asyncio.Semaphore(AT_ONCE)
        async with httpx2.AsyncClient(timeout=30.0) as client:

            async def one(url: str) -> None:
                async with places, getting(client, url) as response:
                    handle, name = tempfile.mkstemp(dir=folder)
                    with os.fdopen(handle, "wb") as file:
                        async for piece in response.aiter_bytes():
                            file.write(piece)
                    Path(name).unlink()

            begin()
            await asyncio.gather(*map(one, urls))
            end()

    asyncio.run(main())


def by_curl(urls: list[str], folder: str) -> None:
    """One curl for all."""
    config = Path(folder) / "config"
    config.write_text("".join(f'url = "{url}"\noutput = "{folder}/{number}"\n' for number, url in enumerate(urls)))
    begin()
    subprocess.run(
        ["curl", "-s", "--no-progress-meter", "--parallel", "--parallel-max", str(AT_ONCE), "-K", config], check=True
    )
    end()


WAYS: dict[str, Callable[[list[str], str], None]] = {
    "fetch": fetch,
    "fetch, no extension": lambda urls, folder: fetch([url.removesuffix(".mp4") for url in urls], folder),
    "bring": bring,
    "httpx2": by_httpx,
    "curl": by_curl,
}
CLOCK: dict[str, float] = {}


def begin() -> None:
    """From here on it counts."""
    CLOCK.update(wall=-time.monotonic(), cpu=-tree_cpu_s())


def end() -> None:
    """Up to here."""
    CLOCK.update(wall=CLOCK["wall"] + time.monotonic(), cpu=CLOCK["cpu"] + tree_cpu_s())


def film(folder: Path) -> Path:
    """About 100 KB of H.264."""
    path = folder / "film.mp4"
    made = "testsrc2=s=426x240:r=25:d=4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", made, "-c:v", "libx264", "-b:v", "200k", path], check=True
    )
    return path


def table(body: Path, size: int, count: int) -> None:
    """Print a row for each way to bring `count` files of `size` bytes."""
    server = subprocess.Popen([sys.executable, "-c", SERVER, body, str(size)], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None  # noqa: S101
        port = int(server.stdout.readline())
        for way in WAYS:
            asked = json.dumps([f"http://127.0.0.1:{port}/{number}.mp4" for number in range(count)])
            done = subprocess.run(
                [sys.executable, __file__, "--one", way], input=asked, stdout=subprocess.PIPE, text=True, check=True
            )
            cost = json.loads(done.stdout)
            mb = count * size / 1e6
            print(
                f"| {count} x {size / 1e6:.1f} MB | {way} | {count / cost['wall']:.3g} | {mb / cost['wall']:.0f} "
                f"| {1000 * cost['cpu'] / count:.2f} | {1000 * cost['cpu'] / mb:.2f} |"
            )
    finally:
        server.kill()
        server.wait()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=2000)
    parser.add_argument("--large", type=int, default=4)
    parser.add_argument("--large-mib", type=int, default=512)
    parser.add_argument("--one", choices=WAYS, help="bring the URLs of the input (what each measurement runs)")
    arguments = parser.parse_args()
    if arguments.one:
        with tempfile.TemporaryDirectory() as folder:
            WAYS[arguments.one](json.load(sys.stdin), folder)
        print(json.dumps(CLOCK))
        return
    if missing := [name for name in ("ffmpeg", "curl") if shutil.which(name) is None]:
        raise SystemExit(f"not installed: {', '.join(missing)}")
    print("| files | way | files/s | MB/s | CPU ms a file | CPU ms a MB |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        body = film(Path(name))
        table(body, body.stat().st_size, arguments.small)
        table(body, arguments.large_mib << 20, arguments.large)


if __name__ == "__main__":
    main()
