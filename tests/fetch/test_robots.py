"""What is remembered of robots.txt is bounded, however long its authors make it."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from curate.errors import Disallowed
from curate.fetch import robots
from curate.fetch.client import Client, parse
from curate.fetch.network import Resolver
from curate.fetch.robots import Robots
from tests.fetch.asking import ACCESS, LOOPBACK, bring
from tests.fetch.hostile import GIF, Asked, playing


def long(asked: Asked) -> None:
    asked.answer(b"User-agent: *\nDisallow: /a\n" + b"# words\n" * 5000)


def test_long_ones_are_forgotten_first_to_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "_REMEMBERED_BYTES", 100_000)

    async def main(port: int) -> None:
        access = replace(ACCESS, web=replace(LOOPBACK, robots="obey"))
        async with AsyncExitStack() as stack:
            client = Client(access, Resolver(1))
            stack.push_async_callback(client.aclose)
            asking = Robots(client, access)
            for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.3", "127.0.0.1"):
                await asking.admit(parse(f"http://{host}:{port}/b"))

    with playing(long, "0.0.0.0") as stage:  # noqa: S104  so that each loopback address is a host of its own
        asyncio.run(main(stage.port))
        hosts = [asked.headers["host"].partition(":")[0] for asked in stage.asked]
        assert hosts == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"]


def test_what_was_asked_for_before_holds_while_a_server_cannot_say(tmp_path: Path) -> None:
    def play(asked: Asked) -> None:
        if stage.paths.count("/robots.txt") == 1:
            asked.answer(b"User-agent: *\nDisallow: /a\n")
        else:
            asked.answer(status="503 Busy")

    async def main(port: int) -> None:
        access = replace(ACCESS, web=replace(LOOPBACK, robots="obey", robots_ttl_s=0.0))
        async with AsyncExitStack() as stack:
            client = Client(access, Resolver(1))
            stack.push_async_callback(client.aclose)
            asking = Robots(client, access)
            for _ in range(3):
                await asking.admit(parse(f"http://127.0.0.1:{port}/b"))
                with pytest.raises(Disallowed):
                    await asking.admit(parse(f"http://127.0.0.1:{port}/a"))

    with playing(play) as stage:
        asyncio.run(main(stage.port))
        assert stage.paths == ["/robots.txt"] * 4  # the second time it was busy, three times; then what was known held


def test_evil_rules_do_not_hold_up_others(tmp_path: Path) -> None:
    rules = "User-agent: *\n" + "".join(f"Disallow: /{'*a' * 6}{number}$\n" for number in range(15_000))

    def play(asked: Asked) -> None:
        asked.answer(rules.encode() if asked.path == "/robots.txt" else GIF)

    with playing(play) as stage:
        url = f"http://127.0.0.1:{stage.port}/" + "a" * 1000
        (found,) = bring([url], tmp_path, replace(LOOPBACK, robots="obey"))
        assert found.is_of(GIF)
