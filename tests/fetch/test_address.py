"""What is not public is not connected to, however it is spelled."""

import subprocess
import sys

import pytest

from curate.fetch.address import RefusedAddress, networks, refuse, refuse_host, refuse_port


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1",  # noqa: S104  to be refused
        "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.255",
        "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1",
        "::", "::1", "fd00:ec2::254", "fd20:ce::254", "fc00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2001:10::1", "3fff::1", "100::1", "5f00::1", "4000::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(RefusedAddress, match="not public"):
        refuse(address, ())


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "172.32.0.1", "100.128.0.1", "198.20.0.1", "169.253.1.1", "2606:4700::1111", "::ffff:8.8.8.8",
     "64:ff9b::8.8.8.8", "2001:4860:4860::8888"],
)  # fmt: skip
def test_what_is_public_is_not(address: str) -> None:
    refuse(address, ())


@pytest.mark.parametrize("address", ["127.1", "2130706433", "0x7f000001", "localhost", "", "127.0.0.1 ", "0177.0.0.1"])
def test_what_is_no_numeric_address_is_refused(address: str) -> None:
    with pytest.raises(RefusedAddress, match="no numeric address"):
        refuse(address, networks(["0.0.0.0/0", "::/0"]))


def test_a_network_may_be_allowed_by_name_and_opens_no_other() -> None:
    allowed = networks(["127.0.0.0/8", "fd00::/8"])
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "fd00::1"):
        refuse(address, allowed)
    for address in ("10.0.0.1", "::1", "fe80::1"):
        with pytest.raises(RefusedAddress):
            refuse(address, allowed)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "example.org.", "1.2.3.4.5", "a.0x1",
     "0x", "fe80::1%eth0", "a%2e.org"],
)  # fmt: skip
def test_an_address_in_disguise_is_refused(host: str) -> None:
    with pytest.raises(RefusedAddress):
        refuse_host(host)


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "8.8.8.8", "1e100.net", "a.b-1", "4chan.org", "::1"])
def test_a_plain_host_is_not(host: str) -> None:
    refuse_host(host)


def test_ports_of_other_protocols_are_refused() -> None:
    for port in (80, 443, 1024, 8080, 65535):
        refuse_port(port)
    for port in (0, 22, 25, 81, 445, 1023):
        with pytest.raises(RefusedAddress, match=f"port {port} "):
            refuse_port(port)


GUARDED = """
import socket, sys
from curate.fetch.address import RefusedAddress, guard_sockets, networks
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
refused = guard_sockets(networks([{allowed}]))

def fate(act):
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "connected"

tcp = lambda: socket.socket()
print(
    fate(lambda: tcp().connect(("127.0.0.1", port))),
    fate(lambda: tcp().connect_ex(("127.0.0.1", port))),
    fate(lambda: socket.create_connection(("localhost", port), 5)),
    fate(lambda: tcp().connect(("localhost", port))),
    fate(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))),
    fate(lambda: socket.socket(socket.AF_UNIX).connect("/nowhere")),
    fate(lambda: tcp().connect(("10.0.0.1", 80))),
    len(refused) > 2, "pyarrow" in sys.modules,
)
"""


@pytest.mark.parametrize(
    ("allowed", "fates"),
    [
        ("", "RefusedAddress " * 7 + "True False"),
        ("'127.0.0.0/8'", "connected " * 3 + "RefusedAddress connected RefusedAddress RefusedAddress True False"),
    ],
)
def test_a_guarded_process_connects_to_what_is_allowed_only(allowed: str, fates: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GUARDED.format(allowed=allowed)], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stdout.startswith(fates)
