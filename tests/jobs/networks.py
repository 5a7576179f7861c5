"""Machines that share nothing but a network: namespaces with an address, a /tmp and a /dev/shm of their own."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = """
mount --bind "$0" /mnt && mount -t tmpfs t /tmp && mount -t tmpfs t /dev/shm || exit 1
mkdir -p "$0" && mount --move /mnt "$0" && cd "$0" && exec "$@"
"""
"""Nothing but the code is there from outside, which may lie under /tmp itself."""


class NoNetworks(Exception):
    """Network namespaces cannot be had here; the message says what is missing."""


def ip(*arguments: str) -> str:
    """What `ip` says; NoNetworks where it is not here, or is refused."""
    if shutil.which("ip") is None:
        raise NoNetworks("the program `ip` is missing. As root: apt-get install iproute2")
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNetworks(
            f"`ip {' '.join(arguments)}` was refused ({done.stderr.strip()}): the tests of separated nodes need root "
            "with CAP_NET_ADMIN and CAP_SYS_ADMIN"
        )
    return done.stdout


@dataclass
class Machine:
    """A namespace; what is started in it is gone with it."""

    name: str
    address: str
    wire: str  # its end of the cable, on the side of the switch
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program that sees no file under /tmp but its own."""
        with log.open("ab") as out:
            inside = ["ip", "netns", "exec", self.name, "unshare", "--mount", "sh", "-c", OWN, str(ROOT), *command]
            process = subprocess.Popen(inside, stdout=out, stderr=out, env={**os.environ, **environment}, cwd=ROOT)
        self.started.append(process)
        return process

    def beside(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program that sees what the first one sees."""
        with log.open("ab") as out:
            inside = ["nsenter", "--target", str(self.started[0].pid), "--mount", "--net", f"--wdns={ROOT}", *command]
            process = subprocess.Popen(inside, stdout=out, stderr=out, env={**os.environ, **environment})
        self.started.append(process)
        return process

    def pids(self) -> list[int]:
        return [int(pid) for pid in ip("netns", "pids", self.name).split()]

    def cut(self) -> None:
        """Pull the cable."""
        ip("link", "set", self.wire, "down")

    def mend(self) -> None:
        ip("link", "set", self.wire, "up")

    def stop(self) -> None:
        """Kill all that runs in it."""
        while pids := self.pids():
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            for process in self.started:
                process.wait(60)


@dataclass(frozen=True)
class Network:
    """A switch with an address of this machine, and machines that hang on it."""

    address: str
    machines: tuple[Machine, ...]


@contextmanager
def network(names: Sequence[str], subnet: str = "10.231.7") -> Iterator[Network]:
    """A network with a machine for each name; NoNetworks where it cannot be made."""
    own, switch = os.getpid(), f"rt{os.getpid()}"
    with ExitStack() as made:
        ip("link", "add", switch, "type", "bridge")
        made.callback(ip, "link", "del", switch)
        ip("addr", "add", f"{subnet}.1/24", "dev", switch)
        ip("link", "set", switch, "up")
        machines = [
            made.enter_context(_machine(Machine(f"retold-{own}-{name}", f"{subnet}.{n}", f"rt{own}.{n}"), switch))
            for n, name in enumerate(names, 2)
        ]
        yield Network(f"{subnet}.1", tuple(machines))


@contextmanager
def _machine(machine: Machine, switch: str) -> Iterator[Machine]:
    ip("netns", "add", machine.name)
    try:
        ip("link", "add", machine.wire, "type", "veth", "peer", "name", "eth0", "netns", machine.name)
        ip("link", "set", machine.wire, "master", switch, "up")
        ip("-n", machine.name, "addr", "add", f"{machine.address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            ip("-n", machine.name, "link", "set", link, "up")
        yield machine
    finally:
        machine.stop()
        ip("netns", "del", machine.name)
        if Path("/sys/class/net", machine.wire).exists():  # it goes with the namespace, but when the kernel sees to it
            ip("link", "del", machine.wire)
