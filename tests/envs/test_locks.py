"""What is installed is what the lock files name, by exact versions and from nowhere but a package index."""

import importlib.metadata
import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ENVS = Path(__file__).resolve().parents[2] / "infra" / "envs"
PIN = re.compile(r"([a-z0-9][a-z0-9._-]*)==([0-9][A-Za-z0-9.+!-]*)(?: *;[^#]*)?(?: *#.*)?")


def pins(lock: Path) -> dict[str, str]:
    lines = [line for line in lock.read_text().splitlines() if line.strip() and not line.startswith("#")]
    found = {line: PIN.fullmatch(line) for line in lines}
    assert [line for line, pin in found.items() if pin is None] == []
    return {canonicalize_name(pin[1]): pin[2] for pin in found.values() if pin is not None}


def needed(name: str, extras: frozenset[str], seen: set[tuple[str, str]]) -> None:
    """Note a package, what it requires here, and what that requires."""
    for extra in {"", *extras} - {extra for known, extra in seen if known == name}:
        seen.add((name, extra))
        for one in map(Requirement, importlib.metadata.requires(name) or []):
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                assert one.url is None, f"{name} requires {one}"
                needed(canonicalize_name(one.name), frozenset(one.extras), seen)


@pytest.mark.parametrize("lock", sorted(ENVS.glob("*.lock")), ids=lambda path: path.stem)
def test_a_lock_names_exact_versions_and_no_places(lock: Path) -> None:
    assert len(pins(lock)) > 3


def test_all_that_the_product_and_its_tests_need_is_as_the_lock_says() -> None:
    seen = set[tuple[str, str]]()
    needed("retold", frozenset({"dev"}), seen)
    locked = pins(ENVS / "core.lock")
    names = {name for name, _ in seen} - {"retold"}
    assert len(names) > 100, sys.prefix
    assert {name: importlib.metadata.version(name) for name in names} == {name: locked.get(name) for name in names}
