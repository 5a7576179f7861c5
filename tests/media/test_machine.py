"""What a machine lacks to hold children is known before they open anything."""

import json
import subprocess
import sys

import pytest

from curate.media.machine import confinement, lacking, opens_media, unheld
from curate.scan.stage import Scan
from curate.split.stage import Split

_ASKED = """
import dataclasses, json
from curate.media.machine import confinement, lacking
print(json.dumps([dataclasses.asdict(confinement()), lacking(confinement())]))
"""


def test_this_machine_lacks_nothing() -> None:
    assert confinement().whole
    assert lacking(confinement()) == unheld(required=True) == ()


@pytest.mark.parametrize(
    ("calls", "network", "lacks"),
    [
        ("landlock", True, ["rules for files (Landlock)"]),
        ("seccomp", True, ["filters of system calls (seccomp)"]),
        ("unshare", True, []),  # sockets are refused by the filter
        ("seccomp,unshare", False, ["namespaces of the network", "filters of system calls (seccomp)"]),
    ],
)
def test_what_a_kernel_lacks_is_told(calls: str, network: bool, lacks: list[str]) -> None:
    asked = [sys.executable, "-m", "tests.media.older_kernel", calls, sys.executable, "-c", _ASKED]
    held, told = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    assert held["network"] is network
    assert told == lacks


def test_stages_with_children_are_told_from_others() -> None:
    assert opens_media(Scan())
    assert not opens_media(Split())
