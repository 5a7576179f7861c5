"""compose.yaml: Docker Compose takes it, and what it starts are commands that there are."""

import importlib.resources
import json
import os
import re
import subprocess
from typing import Any

import pytest

from jobs.interpreter import CORE, KIND_LABEL
from tests.infra.commands import given
from tests.models.made import ROOT

FILE = ROOT / "infra" / "compose" / "compose.yaml"
PASSWORDS = {"S3_PASSWORD": "one", "POSTGRES_PASSWORD": "two", "RAY_TOKEN": "three"}


def compose(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What Docker Compose makes of the file; it needs no Docker for that."""
    program = str(importlib.resources.files("compose") / "docker-compose")
    return subprocess.run(
        [program, "--file", FILE, "--env-file", os.devnull, "config", "--format", "json"],
        env={"PATH": "/usr/bin", "HOME": "/nonexistent", **environ}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    run = compose(PASSWORDS)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)["services"]
    return found


@pytest.mark.parametrize("missing", PASSWORDS)
def test_no_password_has_a_default(missing: str) -> None:
    run = compose({name: value for name, value in PASSWORDS.items() if name != missing})
    assert run.returncode != 0
    assert missing in run.stderr


def test_images_are_pinned_and_only_loopback_listens(services: dict[str, Any]) -> None:
    assert set(services) == {"s3", "bucket", "postgresql", "head", "worker", "review"}
    for service in services.values():
        assert re.search(r":\d+\.\d+[\w.-]*$", service["image"])
        assert {port["host_ip"] for port in service.get("ports", ())} <= {"127.0.0.1"}


def test_our_own_containers_may_no_more_than_they_need(services: dict[str, Any]) -> None:
    for name in ("bucket", "head", "worker", "review"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_of_the_servers_of_seaweedfs_only_the_one_with_keys_can_be_reached(services: dict[str, Any]) -> None:
    """The filer takes writes into any bucket, without a password."""
    words = services["s3"]["command"]
    assert {"-ip.bind=127.0.0.1", "-s3.ip.bind=0.0.0.0"} <= set(words)
    assert {"-s3.port.iceberg=0", "-s3.port.lance=0"} <= set(words)


def test_nothing_starts_before_what_it_needs_answers(services: dict[str, Any]) -> None:
    needs = {
        name: {of: how["condition"] for of, how in it.get("depends_on", {}).items()} for name, it in services.items()
    }
    made = {"bucket": "service_completed_successfully"}
    assert needs["bucket"] == {"s3": "service_healthy"}
    assert needs["head"] == made
    assert needs["worker"] == {"head": "service_healthy"}
    assert needs["review"] == made | {"postgresql": "service_healthy"}
    # while PostgreSQL makes its database, another server answers, on the container's Unix socket alone
    assert {"-h", "127.0.0.1"} <= set(services["postgresql"]["healthcheck"]["test"])


def test_rays_objects_fit_into_the_shared_memory(services: dict[str, Any]) -> None:
    """Else Ray keeps them in files of /tmp."""
    for name in ("head", "worker"):
        [asked] = [word for word in services[name]["command"] if word.startswith("--object-store-memory=")]
        assert int(asked.partition("=")[2]) <= int(services[name]["shm_size"])


def test_nodes_have_the_label_of_their_kind(services: dict[str, Any]) -> None:
    for name in ("head", "worker"):
        assert f"--labels={KIND_LABEL}={CORE}" in services[name]["command"]


def test_the_page_is_served_as_the_command_line_takes_it(services: dict[str, Any]) -> None:
    review = services["review"]
    program, group, command, *words = review["command"]
    assert program == "retold"
    assert str(given([group, command], words)["port"]) == review["ports"][0]["published"]
    assert review["environment"]["RETOLD_REVIEW_DATABASE"] == "postgresql+psycopg://retold:two@postgresql/retold"
