"""Sources become media, or failures that say what to do."""

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.fetch.fetch import Fetch
from curate.fetch.policy import Web
from curate.fetch.uri import normalise, source_id
from curate.media.limits import Limits
from curate.stage import Heavy, Outcome, Run, fingerprint
from schemas.media import Media, Source
from tests.fetch.servers import s3, web

LOOPBACK = Web(allow_networks=("127.0.0.0/8",), tries=1)


def source(uri: str, tombstone: bool = False) -> Source:
    return Source(source_id(normalise(uri)), normalise(uri), None, None, None, None, tombstone, 0, root="/")


def fetch(run: Run[Source, Heavy[Media]], uri: str) -> Outcome[Heavy[Media]]:
    (outcome,) = run([source(uri)])
    assert outcome.input_id == source(uri).id
    return outcome


def failure(outcome: Outcome[Heavy[Media]]) -> tuple[str, str]:
    assert outcome.failure is not None
    return outcome.failure.kind, outcome.failure.detail


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Fetch:
    scratch = tmp_path_factory.mktemp("scratch")
    return Fetch(max_bytes=8 << 20, read_timeout_s=1.0, scratch=str(scratch), probe_limits=Limits(), web=LOOPBACK)


@pytest.fixture(scope="module")
def run(stage: Fetch) -> Run[Source, Heavy[Media]]:
    return stage.open()


@pytest.fixture(scope="module")
def clip() -> bytes:
    media = Path(__file__).resolve().parents[3] / "shared/media/nasty/rot90_iphone.mov"
    return media.read_bytes()


@pytest.fixture(scope="module")
def server(clip: bytes) -> Iterator[str]:
    with web(
        {"/a.mp4": clip, "/large": bytes(9 << 20), "/page.mp4": b"<html>Sign in</html>", "/empty.mp4": b""}
    ) as address:
        yield address


@pytest.fixture(autouse=True)
def no_leftovers(stage: Fetch) -> Iterator[None]:
    yield
    assert stage.scratch is not None
    assert list(Path(stage.scratch).iterdir()) == []


def check_clip(outcome: Outcome[Heavy[Media]], clip: bytes) -> None:
    (heavy,) = outcome.rows
    assert isinstance(heavy.body, Path)
    assert heavy.body.read_bytes() == clip
    heavy.body.unlink()
    media = heavy.row
    assert (media.media_id, media.size_bytes) == (hashlib.sha256(clip).hexdigest(), len(clip))
    assert (media.source_id, media.container, media.blob) == (outcome.input_id, "mov", None)


def test_the_web_gives_the_bytes_exactly(run: Run[Source, Heavy[Media]], server: str, clip: bytes) -> None:
    check_clip(fetch(run, f"{server}/a.mp4"), clip)


def test_five_redirects_are_followed(run: Run[Source, Heavy[Media]], server: str, clip: bytes) -> None:
    check_clip(fetch(run, f"{server}/redirect/4"), clip)
    assert failure(fetch(run, f"{server}/redirect/5")) == ("unsupported", "redirects more than 5 times")


@pytest.mark.parametrize(
    ("path", "kind", "detail"),
    [
        ("status/404", "gone", "the server answers 404 Not Found"),
        ("status/410", "gone", "the server answers 410 Gone"),
        ("status/401", "login_required", "the server answers 401 Unauthorized"),
        ("status/403", "forbidden", "the server answers 403 Forbidden"),
        ("status/429", "rate_limited", "the server answers 429 Too Many Requests"),
        ("status/503", "unreachable", "the server answers 503 Service Unavailable"),
        ("status/204", "forbidden", "the server answers 204 No Content"),
        ("large", "too_large", "9437184 bytes or more, over the cap of 8388608"),
        ("endless", "too_large", "over the cap of 8388608"),
        ("silent", "unreachable", "no answer within 1 s"),
        ("cut-off", "unreachable", "the connection failed: peer closed connection"),
        ("to-ftp", "unsupported", "no address that can be fetched"),
        ("page.mp4", "not_media", "not media but an HTML page"),
        ("empty.mp4", "not_media", "an empty file"),
    ],
)
def test_a_refusal_of_the_web_is_named(
    run: Run[Source, Heavy[Media]], server: str, path: str, kind: str, detail: str
) -> None:
    found = failure(fetch(run, f"{server}/{path}"))
    assert found[0] == kind
    assert detail in found[1]


def test_a_body_that_takes_too_long_is_late(stage: Fetch, server: str) -> None:
    hasty = Fetch(total_timeout_s=0.0, scratch=stage.scratch, web=LOOPBACK).open()
    assert failure(fetch(hasty, f"{server}/a.mp4")) == (
        "timeout", "the body was not complete after 0 s; raise fetch.total_timeout_s to take it",
    )  # fmt: skip


def test_a_closed_port_is_unreachable(run: Run[Source, Heavy[Media]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert failure(fetch(run, f"http://127.0.0.1:{port}/a.mp4"))[0] == "unreachable"


@pytest.mark.parametrize(
    ("uri", "kind", "detail"),
    [
        ("file:///no/such/file.mp4", "gone", "no such file: /no/such/file.mp4"),
        ("file:///proc", "unsupported", "not a regular file: /proc; `retold add` takes folders apart"),
        ("ftp://example.org/a.mp4", "unsupported", "the scheme 'ftp' is none of file, http"),
        ("http://example.org:port/", "unsupported", "no address that can be fetched"),
        ("file:///" + "x" * 300, "gone", "no such file: /xxx"),
        ("file:///a%00b", "gone", "no such file"),
        ("file:///etc/passwd/x.mp4", "gone", "no such file"),
        ("http://", "unsupported", "no address that can be fetched"),
        ("http:///a.mp4", "unsupported", "no address that can be fetched"),
        ("http://[::1/a.mp4", "unsupported", "no address that can be fetched"),
        ("http://a..b/a.mp4", "unsupported", "no address that can be fetched"),
        ("http://" + "a" * 80 + ".org/", "unsupported", "no address that can be fetched"),
    ],
)
def test_a_uri_that_leads_nowhere_is_named(run: Run[Source, Heavy[Media]], uri: str, kind: str, detail: str) -> None:
    found = failure(fetch(run, uri))
    assert found[0] == kind
    assert detail in found[1]


def test_what_was_taken_down_is_not_fetched(run: Run[Source, Heavy[Media]], server: str) -> None:
    (outcome,) = run([source(f"{server}/a.mp4", tombstone=True)])
    assert failure(outcome) == ("gone", "taken down")


def test_a_bucket_gives_its_objects(stage: Fetch, clip: bytes) -> None:
    key = "film/é 中 #1.mp4"
    with s3({key: clip, "large": bytes(9 << 20)}) as options:
        run = Fetch(max_bytes=8 << 20, scratch=stage.scratch, storage_options=tuple(options.items())).open()
        check_clip(fetch(run, f"s3://bucket/{key}"), clip)
        assert failure(fetch(run, "s3://bucket/none.mp4")) == ("gone", "no such object: s3://bucket/none.mp4")
        assert failure(fetch(run, "s3://bucket/secret/a.mp4"))[0] == "forbidden"
        assert failure(fetch(run, "s3://bucket/large"))[0] == "too_large"


def test_a_bucket_that_does_not_answer_is_unreachable(stage: Fetch) -> None:
    with s3({}) as options:
        pass
    run = Fetch(read_timeout_s=0.3, scratch=stage.scratch, storage_options=tuple(options.items())).open()
    assert failure(fetch(run, "s3://bucket/a.mp4"))[0] == "unreachable"


def test_a_run_that_is_given_up_leaves_nothing(stage: Fetch, server: str) -> None:
    rows = (source(f"{server}/{path}") for path in ["a.mp4", "silent?1", "silent?2", "a.mp4?1", "silent?3"] * 4)
    outcomes = stage.open()(rows)
    for heavy in next(outcomes).rows:
        assert isinstance(heavy.body, Path)
        heavy.body.unlink()
    outcomes.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("none", [{"at_once": 0}, {"probes": 0}])
def test_nothing_at_once_is_refused(none: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Fetch(**none)  # type: ignore[arg-type]


def test_credentials_are_neither_shown_nor_part_of_the_fingerprint() -> None:
    secret = Fetch(storage_options=(("AWS_SECRET_ACCESS_KEY", "hush"),))
    assert "hush" not in repr(secret)
    assert fingerprint(secret, {}) == fingerprint(Fetch(), {})


@pytest.mark.golden
def test_every_file_of_the_cabinet_becomes_a_media_or_a_failure(run: Run[Source, Heavy[Media]], media: Path) -> None:
    paths = sorted((media / "nasty").iterdir())
    refused = {}
    of = {source(str(path)).id: path for path in paths}
    for outcome in run(source(str(path)) for path in paths):
        path = of.pop(outcome.input_id)
        if outcome.failure is not None:
            refused[path.name] = outcome.failure.kind
            continue
        (heavy,) = outcome.rows
        assert isinstance(heavy.body, Path)
        assert heavy.row.media_id == hashlib.sha256(path.read_bytes()).hexdigest()
        assert os.path.samestat(heavy.body.stat(), path.stat()) is False
        heavy.body.unlink()
    assert not of
    assert refused == {
        "init_segment_only.mp4": "no_frames",
        "text_named.mp4": "not_media",
        "truncated_moov_at_end.mp4": "not_media",
        "zero_length.mp4": "not_media",
    }
