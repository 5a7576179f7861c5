"""Workers run only where their Python is of the driver's build."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from curate.errors import UsageError
from jobs.build import ROOMS, build
from jobs.interpreter import differences, interpreter, source


def code_at(folder: Path, line: str) -> Path:
    """Another code of ours: a package for each room."""
    for room in ROOMS:
        (folder / room).mkdir(parents=True)
        (folder / room / "__init__.py").write_text(line)
    return folder


def told(folder: Path) -> dict[str, str]:
    """What this Python says of itself where it finds that code."""
    asked = [sys.executable, "-c", source(), "no_such_package"]
    told: dict[str, str] = json.loads(subprocess.run(asked, cwd=folder, check=True, capture_output=True).stdout)
    return told


def test_a_build_is_its_versions_and_its_code_wherever_that_lies(tmp_path: Path) -> None:
    one, same, other = (told(code_at(tmp_path / name, line)) for name, line in (("a", ""), ("b", ""), ("c", "x = 1")))
    assert one == same
    assert {key for key in one if one[key] != other[key]} == {"retold"}
    assert one["missing"] == "no_such_package"
    assert differences(one, same) == "" != differences(other, one)
    assert differences({**one, "python": "2.7"}, one) == f"python: 2.7 there, {one['python']} here"


def test_an_environment_with_other_code_is_refused_and_both_are_named(tmp_path: Path) -> None:
    code = code_at(tmp_path / "code", "")
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\ncd {code} && exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    here = build(())["retold"]
    with pytest.raises(UsageError) as refused:
        interpreter("speech", {"speech": str(tmp_path)})
    assert f"retold: {told(code)['retold']} there, {here} here" in str(refused.value)
