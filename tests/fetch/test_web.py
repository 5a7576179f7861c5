"""Bodies come whole or not at all; servers are asked with manners."""

import email.utils
import gzip
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.fetch.asking import LOOPBACK, bring
from tests.fetch.hostile import GIF, Asked, Stage, endlessly, hang_up, playing

BODY = random.Random(0).randbytes(300_000)  # noqa: S311
OTHER = random.Random(1).randbytes(300_000)  # noqa: S311


@dataclass
class Cut:
    """Sends a body in parts of `part` bytes, each a connection; after `changes` parts it is another one."""

    part: int = 100_000
    headers: Mapping[str, str] = field(default_factory=lambda: {"etag": '"1"'})
    changes: int | None = None
    lie: Callable[[int, int], str] | None = None  # what is said of a range
    ranges: list[str | None] = field(default_factory=list)

    def __call__(self, asked: Asked) -> None:
        changed = self.changes is not None and len(self.ranges) >= self.changes
        body = OTHER if changed else BODY
        headers = {"etag": '"2"'} if changed else dict(self.headers)
        said = asked.headers.get("range")
        self.ranges.append(said)
        known = asked.headers.get("if-range") in headers.values()
        begins = int(re.findall(r"\d+", said)[0]) if said and known else 0
        if begins and self.lie is not None:
            headers["content_range"] = self.lie(begins, len(body))
        elif begins:
            headers["content_range"] = f"bytes {begins}-{len(body) - 1}/{len(body)}"
        rest = body[begins:]
        status = "206 Partial Content" if begins else "200 OK"
        asked.answer(rest[: self.part], status, content_length=str(len(rest)), **headers)
        if len(rest) > self.part:
            hang_up(asked)


def url(stage: Stage, path: str = "/") -> str:
    return f"http://127.0.0.1:{stage.port}{path}"


@pytest.mark.parametrize("headers", [{"etag": '"1"'}, {"last_modified": "Wed, 01 Jan 2025 00:00:00 GMT"}])
def test_a_broken_body_is_gone_on_with(headers: dict[str, str], tmp_path: Path) -> None:
    play = Cut(headers=headers)
    with playing(play) as stage:
        (found,) = bring([url(stage)], tmp_path)
    assert found.is_of(BODY)
    assert play.ranges == [None, "bytes=100000-", "bytes=200000-"]


@pytest.mark.parametrize("headers", [{}, {"etag": 'W/"1"'}])
def test_without_a_strong_name_a_body_begins_anew(headers: dict[str, str], tmp_path: Path) -> None:
    play = Cut(headers=headers)
    with playing(play) as stage:
        (found,) = bring([url(stage)], tmp_path)
    assert found.failed()[0] == "unreachable"
    assert play.ranges == [None, None, None]


def test_a_body_that_changed_meanwhile_comes_whole(tmp_path: Path) -> None:
    play = Cut(part=200_000, changes=1)
    with playing(play) as stage:
        (found,) = bring([url(stage)], tmp_path)
    assert found.is_of(OTHER)
    assert play.ranges == [None, "bytes=200000-", "bytes=200000-"]


@pytest.mark.parametrize(
    "lie",
    [
        lambda begins, size: f"bytes {begins - 1}-{size - 1}/{size}",
        lambda begins, size: f"bytes {begins}-{size - 1}/{size + 1}",
        lambda begins, size: f"bytes {begins}-{size - 2}/{size}",
        lambda begins, size: f"bytes */{size}",
        lambda begins, size: "",
        lambda begins, size: f"bytes {begins}-{size - 1}/{'9' * 5000}",
    ],
    ids=["start", "size", "end", "none", "silent", "endless"],
)
def test_a_part_that_is_another_one_is_not_taken(lie: Callable[[int, int], str], tmp_path: Path) -> None:
    play = Cut(lie=lie)
    with playing(play) as stage:
        (found,) = bring([url(stage)], tmp_path, replace(LOOPBACK, tries=4))
    assert found.failed()[0] == "unreachable"
    assert play.ranges == [None, "bytes=100000-", None, "bytes=100000-"]


def test_progress_is_not_held_against_a_source(tmp_path: Path) -> None:
    big = BODY * 20

    def play(asked: Asked) -> None:
        begins = int(re.findall(r"\d+", asked.headers.get("range", "0"))[0])
        status = "206 Partial Content" if begins else "200 OK"
        said = f"bytes {begins}-{len(big) - 1}/{len(big)}" if begins else ""
        rest = big[begins:]
        asked.answer(rest[: 1 << 20], status, content_length=str(len(rest)), content_range=said, etag='"1"')
        hang_up(asked)

    with playing(play) as stage:
        (found,) = bring([url(stage)], tmp_path, replace(LOOPBACK, tries=2))
        assert found.is_of(big)
        assert len(stage.asked) == 6


def test_going_on_and_beginning_anew_by_turns_is_no_progress(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("curate.fetch.web._PROGRESS_BYTES", 50_000)

    def play(asked: Asked) -> None:
        if len(stage.asked) % 2:
            asked.answer(BODY[:100_000], content_length=str(len(BODY)), etag='"1"')
        else:
            told = f"bytes 100000-{len(BODY) - 1}/{len(BODY)}"
            rest = str(len(BODY) - 100_000)
            asked.answer(BODY[100_000:200_000], "206 Partial", content_length=rest, content_range=told, etag='"1"')
        hang_up(asked) if len(stage.asked) < 30 else asked.answer()

    with playing(play) as stage:
        (found,) = bring([url(stage)], tmp_path)
        assert found.failed()[0] == "unreachable"
        assert len(stage.asked) < 10


def test_a_packed_body_that_breaks_off_begins_anew(tmp_path: Path) -> None:
    packed = gzip.compress(BODY)

    def play(asked: Asked) -> None:
        part = packed if len(stage.asked) > 1 else packed[:150_000]
        asked.answer(part, content_length=str(len(packed)), content_encoding="gzip", etag='"1"')
        hang_up(asked)

    with playing(play) as stage:
        (found,) = bring([url(stage)], tmp_path)
        assert found.is_of(BODY)
        assert [asked.headers.get("range") for asked in stage.asked] == [None, None]


def test_a_bomb_is_known_by_its_ratio(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(40 << 20), 1)
    with playing(lambda asked: asked.answer(bomb, content_encoding="gzip")) as stage:
        (found,) = bring([url(stage)], tmp_path, max_bytes=1 << 40)
    assert found.failed()[0] == "too_large"
    assert "a compressed bomb" in found.failed()[1]
    assert found.size_bytes <= 20 << 20


def busy(status: str, until: int, **headers: str) -> Callable[[Asked], None]:
    """So many refusals, then the body."""
    left = [until]

    def play(asked: Asked) -> None:
        left[0] -= 1
        asked.answer(GIF, status if left[0] >= 0 else "200 OK", **(headers if left[0] >= 0 else {}))

    return play


@pytest.mark.parametrize(
    "status", ["500 Oh", "502 Bad Gateway", "503 Busy", "504 Late", "408 Late", "425 Early", "429 No"]
)
def test_what_may_pass_is_tried_again(status: str, tmp_path: Path) -> None:
    with playing(busy(status, 2)) as stage:
        assert bring([url(stage)], tmp_path)[0].is_of(GIF)
        assert len(stage.asked) == 3


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "401 Unauthorized", "400 Bad Request"])
def test_what_will_not_pass_is_asked_once(status: str, tmp_path: Path) -> None:
    with playing(busy(status, 1)) as stage:
        assert bring([url(stage)], tmp_path)[0].error is not None
        assert len(stage.asked) == 1


def test_a_connection_that_is_closed_is_tried_again(tmp_path: Path) -> None:
    def play(asked: Asked) -> None:
        if len(stage.asked) < 3:
            hang_up(asked)
        asked.answer(GIF)

    with playing(play) as stage:
        assert bring([url(stage)], tmp_path)[0].is_of(GIF)


@pytest.mark.parametrize("status", ["429 Slow Down", "503 Busy"])
def test_the_whole_host_is_left_alone_for_as_long_as_it_asks(status: str, tmp_path: Path) -> None:
    with playing(busy(status, 1, retry_after="1")) as stage:
        found = bring([url(stage, f"/{i}") for i in range(4)], tmp_path, replace(LOOPBACK, per_host=1))
        assert all(one.is_of(GIF) for one in found)
        first, *others = stage.asked
        assert len(others) == 4
        assert all(asked.at - first.at >= 0.99 for asked in others)


def test_a_host_may_say_until_when(tmp_path: Path) -> None:
    until = time.time() + 2
    with playing(busy("503 Busy", 1, retry_after=email.utils.formatdate(until, usegmt=True))) as stage:
        assert bring([url(stage)], tmp_path)[0].is_of(GIF)
        assert stage.asked[1].at - stage.asked[0].at > 0.9  # the date has whole seconds


@pytest.mark.parametrize("after", ["3600", email.utils.formatdate(time.time() + 86400, usegmt=True)], ids=["s", "date"])
def test_a_host_that_asks_for_too_much_patience_is_left_to_the_next_run(after: str, tmp_path: Path) -> None:
    with playing(busy("429 Slow Down", 1000, retry_after=after)) as stage:
        found = bring([url(stage, f"/{i}") for i in range(3)], tmp_path, replace(LOOPBACK, per_host=1))
        kinds = {one.failed()[0] for one in found}
        assert kinds == {"rate_limited"}
        assert len(stage.asked) == 1
        assert "fetch.web.max_wait_s is 120" in found[2].failed()[1]


@pytest.mark.parametrize("after", ["soon", "-1", "1e9", "", "Mon, 99 Foo 2025", "\xb2", "\xc2\xb2"])
def test_a_wait_that_makes_no_sense_is_none(after: str, tmp_path: Path) -> None:
    with playing(busy("503 Busy", 1, retry_after=after)) as stage:
        assert bring([url(stage)], tmp_path)[0].is_of(GIF)


def slowly(asked: Asked) -> None:
    time.sleep(0.05)
    asked.answer(GIF)


@pytest.mark.parametrize("per_host", [1, 3])
def test_a_host_is_asked_so_many_things_at_once(per_host: int, tmp_path: Path) -> None:
    with playing(slowly) as stage:
        found = bring([url(stage, f"/{i}") for i in range(9)], tmp_path, replace(LOOPBACK, per_host=per_host))
        assert all(one.is_of(GIF) for one in found)
        assert stage.most == per_host


def test_a_host_is_asked_so_often(tmp_path: Path) -> None:
    with playing(lambda asked: asked.answer(GIF)) as stage:
        web = replace(LOOPBACK, per_host=10, rate_hz=20.0)
        assert all(one.is_of(GIF) for one in bring([url(stage, f"/{i}") for i in range(8)], tmp_path, web))
        times = sorted(asked.at for asked in stage.asked)
        assert times[-1] - times[0] >= 0.2  # seven waits; the first request may come late


def test_one_host_does_not_wait_for_another(tmp_path: Path) -> None:
    with playing(busy("503 Busy", 1, retry_after="1")) as slow, playing(lambda asked: asked.answer(GIF)) as quick:
        fast = f"http://127.0.0.2:{quick.port}/"
        with playing(lambda asked: asked.answer(GIF), "127.0.0.2", quick.port) as other:
            bring([url(slow), fast], tmp_path, replace(LOOPBACK, max_wait_s=5.0))
            assert other.asked[0].at < slow.asked[1].at - 0.5


def test_a_password_is_told_to_its_own_host_only(tmp_path: Path) -> None:
    def play(asked: Asked) -> None:
        if asked.path == "/away":
            asked.answer(status="302 Found", location=f"http://127.0.0.2:{other.port}/back")
        elif asked.path == "/here":
            asked.answer(status="302 Found", location="/end")
        else:
            asked.answer(GIF)

    def back(asked: Asked) -> None:
        asked.answer(status="302 Found", location=f"http://127.0.0.1:{stage.port}/end")

    with playing(play) as stage, playing(back, "127.0.0.2") as other:
        here, away = (f"http://me:p%40ss@127.0.0.1:{stage.port}/{path}" for path in ("here", "away"))
        assert all(one.is_of(GIF) for one in bring([here, away], tmp_path, replace(LOOPBACK, per_host=1)))
        told = [(asked.path, asked.headers.get("authorization")) for asked in stage.asked + other.asked]
        basic = "Basic bWU6cEBzcw=="
        assert sorted(told, key=str) == sorted(
            [("/here", basic), ("/end", basic), ("/away", basic), ("/back", None), ("/end", None)], key=str
        )


def test_no_cookie_is_kept(tmp_path: Path) -> None:
    with playing(lambda asked: asked.answer(GIF, set_cookie="id=1; Path=/")) as stage:
        web = replace(LOOPBACK, per_host=1)
        bring([url(stage), url(stage)], tmp_path, web)
        assert [asked.headers.get("cookie") for asked in stage.asked] == [None, None]


def test_servers_are_told_who_asks_and_for_what(tmp_path: Path) -> None:
    with playing(lambda asked: asked.answer(GIF)) as stage:
        bring([url(stage, "/a?b=c%20d")], tmp_path, replace(LOOPBACK, contact="https://example.org/bot"))
        assert stage.paths == ["/a?b=c%20d"]
        assert stage.asked[0].headers == {
            "host": f"127.0.0.1:{stage.port}", "user-agent": "retold (+https://example.org/bot)", "accept": "*/*",
            "accept-encoding": "identity",
        }  # fmt: skip


def test_where_it_came_from_is_kept_without_secrets(tmp_path: Path) -> None:
    def play(asked: Asked) -> None:
        if asked.path == "/":
            asked.answer(status="302 Found", location="/cdn/a.gif?X-Amz-Signature=secret#part")
        else:
            asked.answer(GIF, etag='"7"', last_modified="Wed, 01 Jan 2025 00:00:00 GMT", content_type="image/gif\x7f")

    with playing(play) as stage:
        (found,) = bring([f"http://me:word@127.0.0.1:{stage.port}/"], tmp_path)
    assert found.told is not None
    assert found.told.origin is not None
    origin = dict(found.told.origin)
    assert isinstance(fetched := origin.pop("fetched_us"), int)
    assert abs(fetched / 1e6 - time.time()) < 60
    assert origin == {
        "uri": f"http://127.0.0.1:{stage.port}/cdn/a.gif", "status": 200, "etag": '"7"',
        "last_modified": "Wed, 01 Jan 2025 00:00:00 GMT", "content_type": "image/gif",
    }  # fmt: skip


ROBOTS = "User-agent: *\nDisallow: /private/\n\nUser-agent: retold\nDisallow: /not-you*.gif$\nAllow: /\n"


def site(robots: Callable[[Asked], None]) -> Callable[[Asked], None]:
    return lambda asked: robots(asked) if asked.path == "/robots.txt" else asked.answer(GIF)


OBEDIENT = replace(LOOPBACK, robots="obey")


def test_robots_txt_is_obeyed_and_asked_for_once(tmp_path: Path) -> None:
    with playing(site(lambda asked: asked.answer(ROBOTS.encode()))) as stage:
        paths = ["/a.gif", "/private/a.gif", "/not-you-1.gif", "/not-you.gif?x"]
        found = bring([url(stage, path) for path in paths], tmp_path, OBEDIENT)
        assert [one.error is None for one in found] == [True, True, False, True]
        assert found[2].failed() == ("disallowed", "robots.txt of 127.0.0.1 asks not to fetch /not-you-1.gif")
        assert stage.paths.count("/robots.txt") == 1
        assert "/not-you-1.gif" not in stage.paths


def test_a_wrong_login_of_one_url_opens_no_host(tmp_path: Path) -> None:
    def play(asked: Asked) -> None:
        if "authorization" in asked.headers:
            asked.answer(status="401 Unauthorized")
        else:
            asked.answer(b"User-agent: *\nDisallow: /\n" if asked.path == "/robots.txt" else GIF)

    with playing(play) as stage:
        wrong = url(stage, "/a").replace("//", "//nobody:x@")
        found = bring([wrong, url(stage, "/b")], tmp_path, OBEDIENT)
        assert [one.failed()[0] for one in found] == ["disallowed", "disallowed"]
        assert stage.paths == ["/robots.txt"]


def test_robots_txt_may_be_ignored(tmp_path: Path) -> None:
    with playing(site(lambda asked: asked.answer(ROBOTS.encode()))) as stage:
        assert bring([url(stage, "/not-you-1.gif")], tmp_path)[0].is_of(GIF)
        assert stage.paths == ["/not-you-1.gif"]


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "401 Unauthorized", "410 Gone"])
def test_without_robots_txt_all_is_allowed(status: str, tmp_path: Path) -> None:
    with playing(site(lambda asked: asked.answer(status=status))) as stage:
        assert bring([url(stage)], tmp_path, OBEDIENT)[0].is_of(GIF)


@pytest.mark.parametrize(
    ("status", "kind"), [("500 Oh", "unreachable"), ("503 Busy", "unreachable"), ("429 No", "rate_limited")]
)
def test_where_robots_txt_cannot_be_told_nothing_is_fetched(status: str, kind: str, tmp_path: Path) -> None:
    with playing(site(lambda asked: asked.answer(status=status))) as stage:
        (found,) = bring([url(stage)], tmp_path, OBEDIENT)
        assert found.failed()[0] == kind
        assert "without which nothing may be fetched" in found.failed()[1]
        assert stage.paths == ["/robots.txt"] * 3


def test_of_a_long_robots_txt_the_beginning_counts(tmp_path: Path) -> None:
    text = b"User-agent: *\nDisallow: /a\n" + b"# x\n" * 140_000 + b"Disallow: /b\n"
    with playing(site(lambda asked: asked.answer(text))) as stage:
        found = bring([url(stage, "/a"), url(stage, "/b")], tmp_path, OBEDIENT)
        assert [one.error is None for one in found] == [False, True]


def test_robots_txt_in_ruins_allows_all(tmp_path: Path) -> None:
    with playing(site(lambda asked: asked.answer(BODY[:5000]))) as stage:
        assert bring([url(stage)], tmp_path, OBEDIENT)[0].is_of(GIF)


def test_robots_txt_in_crumbs_is_given_up(tmp_path: Path) -> None:
    def drip(asked: Asked) -> None:
        asked.answer(b"User-agent: *\n", content_length="9000")
        endlessly(asked, b"#", apart_s=0.02)

    with playing(site(drip)) as stage:
        (found,) = bring([url(stage)], tmp_path, replace(OBEDIENT, slow_s=0.2))
        assert found.failed()[0] == "timeout"
        assert "/" not in stage.paths


def test_connections_are_used_again_after_refusals(tmp_path: Path) -> None:
    from_ports = set()

    def play(asked: Asked) -> None:
        from_ports.add(asked.port)
        asked.answer(b"no such thing", "404 Not Found")

    with playing(play) as stage:
        bring([url(stage, f"/{i}") for i in range(5)], tmp_path, replace(LOOPBACK, per_host=1))
    assert len(from_ports) == 1


def test_robots_txt_says_how_often_a_host_may_be_asked(tmp_path: Path) -> None:
    with playing(site(lambda asked: asked.answer(b"User-agent: *\nCrawl-delay: 0.3\n"))) as stage:
        bring([url(stage, f"/{i}") for i in range(3)], tmp_path, replace(OBEDIENT, per_host=3))
        times = [asked.at for asked in stage.asked[1:]]
        assert max(times) - min(times) >= 0.5


def test_each_hop_of_a_redirect_is_asked_for_by_robots_txt(tmp_path: Path) -> None:
    def play(asked: Asked) -> None:
        if asked.path == "/robots.txt":
            asked.answer(b"User-agent: *\nDisallow: /b\n")
        else:
            asked.answer(status="302 Found", location="/b")

    with playing(play) as stage:
        (found,) = bring([url(stage, "/a")], tmp_path, OBEDIENT)
        assert found.failed()[0] == "disallowed"
        assert stage.paths == ["/robots.txt", "/a"]
