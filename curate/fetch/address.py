"""Which addresses of the network may be connected to. Standard library only: processes that load little use it too.

Sources: the IANA special-purpose address registries of IPv4 and IPv6 (RFC 6890 and what updates it), and the metadata
services of the clouds.
"""

import re
import sys
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Networks = tuple[Network, ...]

_LAST_LABEL_IS_A_NUMBER = re.compile(r"(?:^|\.)(?:0[xX][0-9a-fA-F]*|[0-9]+)\.?$")
_GLOBAL_IPV6 = ip_network("2000::/3")
_TRANSLATED = (ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))  # what they lead to are their last 32 bits
_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this machine"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a carrier's private network"),
        ("127.0.0.0/8", "this machine"),
        ("168.63.129.16/32", "the platform of a cloud"),  # Azure's, in the midst of public ones
        ("169.254.0.0/16", "the link, or the metadata of a cloud"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::1/128", "this machine"),
        ("::/128", "this machine"),
        ("fc00::/7", "a private network, or the metadata of a cloud"),
        ("fe80::/10", "the link"),
        ("fec0::/10", "a private network"),
        ("ff00::/8", "multicast"),
        ("2001::/32", "a Teredo tunnel"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "a 6to4 tunnel"),
        ("3fff::/20", "for documentation"),
    )
)


class RefusedAddress(PermissionError):
    """An address that nothing here may connect to; an OSError, so that the next address of a name is tried."""


def networks(cidrs: Iterable[str]) -> Networks:
    """Networks as `refuse` takes them; ValueError names one that is none."""
    return tuple(ip_network(cidr) for cidr in cidrs)


def refuse(address: str, allowed: Networks) -> None:
    """Raise RefusedAddress unless `address`, a numeric one, is public or lies in an allowed network.

    What cannot be told from the address is not known: that a public one is routed to a machine of this site, or that
    a NAT64 with a prefix of its own translates it.
    """
    try:
        found = ip_address(address)
    except ValueError:
        raise RefusedAddress(f"{address!r} is no numeric address") from None
    if why := _why(found, allowed):
        raise RefusedAddress(f"{address} is {why}")


def refuse_host(host: str) -> None:
    """Raise RefusedAddress for a host that is an address in disguise, or that ends with a dot.

    The C library takes 2130706433, 0x7f.1 and 0177.0.0.1 for addresses; whoever writes them wants to deceive.
    """
    if host.endswith("."):
        raise RefusedAddress(f"the host {host!r} ends with a dot")
    if "%" in host:
        raise RefusedAddress(f"the host {host!r} has a zone or an escape")
    if _LAST_LABEL_IS_A_NUMBER.search(host) and ":" not in host:
        try:
            IPv4Address(host)
        except ValueError:
            raise RefusedAddress(f"the host {host!r} is an address in disguise") from None


def refuse_port(port: int) -> None:
    """Raise RefusedAddress for a port that is neither 80, nor 443, nor 1024 or more: those are of other protocols."""
    if port not in (80, 443) and port < 1024:
        raise RefusedAddress(f"port {port} is not of the web: 80, 443, or 1024 and more are")


def guard_sockets(allowed: Networks) -> list[str]:
    """From now on, no socket of this process connects or sends to an address that `refuse` refuses; no way back.

    Checked is the very address that goes to the kernel, so no name is resolved a second time: connecting to a name is
    refused, as is any family but IPv4 and IPv6. Gives a list that will hold what was refused. Python's sockets only:
    not those of C libraries (libcurl) or of other programs (aria2c, ffmpeg), which such a process must not use.
    """
    refused: list[str] = []

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            try:
                _refuse_sockaddr(arguments[1], allowed)
            except RefusedAddress as error:
                refused.append(str(error))
                raise

    sys.addaudithook(hook)
    return refused


def _refuse_sockaddr(sockaddr: object, allowed: Networks) -> None:
    match sockaddr:
        case None:  # of a socket that is connected
            return
        case (str(host), int(port), *_):
            refuse(host, allowed)
            refuse_port(port)
        case _:
            raise RefusedAddress(f"{sockaddr!r} is no address of IPv4 or IPv6")


def _why(address: IPv4Address | IPv6Address, allowed: Networks) -> str | None:
    if any(address in network for network in allowed):
        return None
    if isinstance(address, IPv6Address):
        if any(address in network for network in _TRANSLATED):
            inside = IPv4Address(int(address) & 0xFFFFFFFF)
            why = _why(inside, allowed)
            return f"{inside}, {why}" if why else None
        if address not in _GLOBAL_IPV6:
            known = next((what for network, what in _REFUSED if address in network), "reserved")
            return f"not public: {known}"
    why = next((what for network, what in _REFUSED if address in network), None)
    if why is None and not address.is_global:  # younger than the table above
        why = "reserved"
    return f"not public: {why}" if why else None
