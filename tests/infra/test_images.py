"""The images of infra/images: a target for each kind of worker, made by the scripts that make its environment."""

import os
import re
import subprocess
import tomllib
from dataclasses import dataclass

import pytest

from jobs.interpreter import CORE, PACKAGES
from tests.models.made import ROOT

FILE = ROOT / "infra" / "images" / "Dockerfile"
PROJECT = "/opt/retold"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a Dockerfile: what it stands on, and its instructions."""

    base: str
    steps: tuple[tuple[str, str], ...]

    def of(self, instruction: str) -> list[str]:
        return [text for name, text in self.steps if name == instruction]


def stages() -> dict[str, Stage]:
    text = re.sub(r"^\s*#.*\n", "", FILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found = {}
    for part in re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]:
        first, *lines = part.splitlines()
        base, _, name = first.partition(" AS ")
        steps = (tuple(re.split(r"\s+", line.strip(), maxsplit=1)) for line in lines if line.strip())
        found[name] = Stage(base, tuple((step[0], step[1]) for step in steps))
    return found


def test_the_linter_has_nothing_against_it() -> None:
    run = subprocess.run([ROOT / ".venv/bin/hadolint", FILE], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")


@pytest.mark.parametrize("kind", [CORE, *PACKAGES])
def test_each_kind_has_an_image_with_its_environment_and_no_other(kind: str) -> None:
    found = stages()
    copied = {words.split()[-1]: words.split()[-2] for words in found[kind].of("COPY")}
    environments = {".venv", *(() if kind == CORE else (f".venv-{kind}",))}
    assert copied == {".": "/code", **{name: f"{PROJECT}/{name}" for name in environments}}
    assert found["python"].of("WORKDIR") == [PROJECT]
    if kind != CORE:
        assert found[f"{kind}-environment"].base == "environment"
        assert found[f"{kind}-environment"].of("RUN")[-1].endswith(f"infra/envs/venv {kind}")


def test_packages_come_from_the_locks_alone() -> None:
    """Nothing but infra/envs/venv installs Python packages, and it installs extras that there are."""
    ran = [command for stage in stages().values() for command in stage.of("RUN")]
    assert not [command for command in ran if re.search(r"\b(pip|uv) install\b", command)]
    [extras] = re.findall(r"cluster\) what=\.\[([a-z,]+)\]", (ROOT / "infra/envs/venv").read_text())
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(extras.split(",")) <= set(known)


@pytest.mark.parametrize("kind", [CORE, *PACKAGES])
def test_an_image_runs_as_nobody_special_and_has_no_compiler_but_for_vllm(kind: str) -> None:
    stage, base = stages()[kind], stages()["python"]
    assert stage.base == "python"
    assert stage.of("USER") == ["10001:10001"]
    installed = " ".join(base.of("RUN") + stage.of("RUN"))
    assert ("g++" in installed) is (kind == "vllm")
    assert "python3-venv" not in installed


def test_a_read_only_image_has_its_home_where_it_may_write_and_tells_nobody_of_its_work() -> None:
    base = stages()["python"]
    assert "--home-dir /tmp" in " ".join(base.of("RUN"))
    silent = {"ORT_DISABLE_TELEMETRY=1", "RAY_USAGE_STATS_ENABLED=0", "VLLM_NO_USAGE_STATS=1"}
    assert silent <= set(" ".join(base.of("ENV")).split())


def test_the_base_can_be_pinned_and_a_stage_has_all_of_the_code() -> None:
    found = stages()
    assert found["python"].base == "${BASE}"
    packages = {words.split()[0] for words in found["code"].of("COPY")}
    [include] = [
        tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    ]
    assert {name.rstrip("*") for name in include} <= packages


@pytest.mark.parametrize("backend", ["cpu", "cu130"])
def test_torch_can_be_that_of_another_machine(backend: str) -> None:
    environ = {**os.environ, "TORCH_BACKEND": backend, "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    said = subprocess.run(
        [ROOT / "infra/envs/sources", "models"], env=environ, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert said.stdout.split() == [f"--torch-backend={backend}"]
