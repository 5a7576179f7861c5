"""The address that was checked is the address that is connected to."""

import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from curate.errors import UsageError
from curate.fetch.policy import Web
from tests.fetch.asking import LOOPBACK, bring
from tests.fetch.hostile import GIF, Asked, playing

PUBLIC = replace(LOOPBACK, allow_networks=("127.0.0.1/32",))
"""127.0.0.1 stands for the world, 127.0.0.2 for what nobody may reach."""


class Names:
    """A resolver whose answers are written down: for each host the next ones, the last for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host not in self._answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = self._answers[host]
        return found.pop(0) if len(found) > 1 else found[0]


def gif(asked: Asked) -> None:
    asked.answer(GIF)


def closing(asked: Asked) -> None:
    asked.answer(GIF, connection="close")
    raise ConnectionError


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0x7f000001", "2130706433", "127.1",
     "127.0.0.1.", "localhost.", "0.0.0.0",  # noqa: S104
     "[::]", "0", "127.0.0.2"],
)  # fmt: skip
def test_the_loopback_is_out_of_reach_however_it_is_spelled(host: str, tmp_path: Path) -> None:
    with playing(gif) as stage:
        (found,) = bring([f"http://{host}:{stage.port}/"], tmp_path, replace(LOOPBACK, allow_networks=()))
        assert found.failed()[0] == "blocked_address"
        assert stage.asked == []


def test_a_name_that_changes_its_address_gains_nothing(tmp_path: Path) -> None:
    names = Names(rebinding_example=[["127.0.0.1"], ["127.0.0.2"]])
    with playing(closing) as world, playing(gif, "127.0.0.2", world.port) as inside:
        url = f"http://rebinding.example:{world.port}/"
        (first,) = bring([url], tmp_path, PUBLIC, names)
        assert first.is_of(GIF)
        assert names.asked == ["rebinding.example"]  # once: what was checked is what was connected to
        assert world.asked[0].headers["host"] == f"rebinding.example:{world.port}"
        (second,) = bring([url], tmp_path, PUBLIC, names)
        assert second.failed() == (
            "blocked_address", "rebinding.example is at 127.0.0.2 is not public: this machine",
        )  # fmt: skip
        assert inside.asked == []


def test_a_redirect_is_resolved_and_checked_anew(tmp_path: Path) -> None:
    def play(asked: Asked) -> None:
        if asked.path == "/":
            asked.answer(status="302 Found", location=f"http://inside.example:{world.port}/secret", connection="close")
            raise ConnectionError
        gif(asked)

    names = Names(world_example=[["127.0.0.1"]], inside_example=[["127.0.0.2"]])
    with playing(play) as world, playing(gif, "127.0.0.2", world.port) as inside:
        (found,) = bring([f"http://world.example:{world.port}/"], tmp_path, PUBLIC, names)
        assert found.failed()[0] == "blocked_address"
        assert (world.paths, inside.paths) == (["/"], [])


def test_of_several_addresses_only_the_good_ones_are_tried(tmp_path: Path) -> None:
    names = Names(mixed_example=[["127.0.0.2", "10.0.0.1", "127.0.0.1"]])
    with playing(gif) as world, playing(gif, "127.0.0.2", world.port) as inside:
        (found,) = bring([f"http://mixed.example:{world.port}/"], tmp_path, PUBLIC, names)
        assert found.is_of(GIF)
        assert (len(world.asked), len(inside.asked)) == (1, 0)


def test_an_address_that_is_dead_gives_way_to_the_next(tmp_path: Path) -> None:
    names = Names(two_example=[["127.0.0.9", "127.0.0.1"]])
    with playing(gif) as world:
        (found,) = bring([f"http://two.example:{world.port}/"], tmp_path, LOOPBACK, names)
    assert found.is_of(GIF)


def test_an_address_that_does_not_answer_does_not_hold_up_the_next(tmp_path: Path) -> None:
    names = Names(hanging_example=[["127.0.0.8", "127.0.0.1"]])
    with playing(gif) as world, socket.socket() as full, socket.socket() as first:
        full.bind(("127.0.0.8", world.port))
        full.listen(0)  # one connection waits to be accepted, others are not answered
        first.connect(full.getsockname())
        began = time.monotonic()
        (found,) = bring([f"http://hanging.example:{world.port}/"], tmp_path, LOOPBACK, names)
        assert found.is_of(GIF)
        assert time.monotonic() - began < 3


def test_a_name_that_nobody_knows_is_asked_for_once(tmp_path: Path) -> None:
    names = Names()
    (found,) = bring(["http://no.example/"], tmp_path, LOOPBACK, names)
    assert found.failed() == ("unreachable", "no such host: no.example")
    assert names.asked == ["no.example"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    key, crt = folder / "key.pem", folder / "crt.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", crt, "-subj", "/CN=video.example", "-addext", "subjectAltName=DNS:video.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + crt.read_bytes())
    return both


def test_tls_keeps_the_name_of_the_host(certificate: Path, tmp_path: Path) -> None:
    names = Names(video_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
    trusting = replace(LOOPBACK, ca_file=str(certificate))
    with playing(gif, certificate=certificate) as stage:
        video, other = (f"https://{name}.example:{stage.port}/" for name in ("video", "other"))
        assert bring([video], tmp_path, trusting, names)[0].is_of(GIF)
        assert (stage.asked[0].name, stage.asked[0].headers["host"]) == ("video.example", f"video.example:{stage.port}")
        (wrong,) = bring([other], tmp_path, trusting, names)
        assert wrong.failed()[0] == "unreachable"
        assert "the certificate is not valid: Hostname mismatch" in wrong.failed()[1]
        (unknown,) = bring([video], tmp_path, LOOPBACK, names)
        assert unknown.failed()[1] == "the certificate is not valid: self-signed certificate"
        assert len(stage.asked) == 1


def test_a_redirect_from_https_to_http_is_followed_by_leave_only(certificate: Path, tmp_path: Path) -> None:
    with playing(gif) as plain:
        down = f"http://127.0.0.1:{plain.port}/"
        with playing(lambda asked: asked.answer(status="301 Moved", location=down), certificate=certificate) as safe:
            names = Names(video_example=[["127.0.0.1"]])
            strict = replace(LOOPBACK, ca_file=str(certificate))
            url = f"https://video.example:{safe.port}/"
            assert bring([url], tmp_path, strict, names)[0].failed() == (
                "forbidden",
                "redirects from https to http://127.0.0.1; fetch.web.allow_downgrade = true takes it",
            )
            assert plain.asked == []
            assert bring([url], tmp_path, replace(strict, allow_downgrade=True), names)[0].is_of(GIF)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"allow_networks": ("127.0.0.1/8",)}, "has host bits set"),
        ({"allow_networks": ("localhost",)}, "does not appear to be"),
        ({"contact": "a\r\nX: y"}, "printable ASCII"),
        ({"per_host": 0}, "at least 1"),
        ({"rate_hz": 0.0}, "more than 0"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Web(**wrong)  # type: ignore[arg-type]


def test_authorities_that_are_not_there_stop_the_job(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"fetch\.web\.ca_file: /no/such\.pem cannot be read"):
        bring(["http://127.0.0.1:9999/"], tmp_path, replace(LOOPBACK, ca_file="/no/such.pem"))


def test_workers_share_the_limits_of_a_host() -> None:
    web = Web(per_host=4, rate_hz=3.0)
    assert (web.shared_by(3).per_host, web.shared_by(3).rate_hz) == (1, 1.0)
    assert (web.shared_by(9).per_host, Web().shared_by(2).rate_hz) == (1, None)
