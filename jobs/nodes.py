"""The nodes of a cluster: which of them a kind of worker runs on, and whether they can."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curate.errors import EngineError, UsageError
from jobs import build
from jobs.interpreter import CORE, KIND_LABEL, PACKAGES, differences, source

LOSS_S = 40.0
"""How long a cluster may take to notice that a node is gone; Ray asks five times, some seconds apart."""

ANSWER_S = 180.0
"""How long a node may take to say what it has: a worker has to start for it."""


class Lost(EngineError):
    """Workers cannot be reached: they die again and again, or their node is gone, or the network to it."""


@dataclass(frozen=True, slots=True)
class Node:
    """One machine of a cluster that is alive; its kind is its label."""

    id: str
    address: str
    kind: str | None
    cpus: float
    gpus: float

    def __str__(self) -> str:
        return f"{self.address} ({self.kind or 'without a label'})"


def alive() -> list[Node]:
    """The nodes of the cluster that this process has joined."""
    return [
        Node(
            node["NodeID"],
            node["NodeManagerAddress"],
            node["Labels"].get(KIND_LABEL),
            node["Resources"].get("CPU", 0.0),
            node["Resources"].get("GPU", 0.0),
        )
        for node in ray.nodes()
        if node["Alive"]
    ]


def change(before: Sequence[Node]) -> bool:
    """Whether one of these nodes is gone, or will be known to be within the time that a cluster takes to notice."""
    last_s = time.monotonic() + LOSS_S
    while {node.id for node in before} <= {node.id for node in alive()}:
        if time.monotonic() > last_s:
            return False
        time.sleep(1.0)
    return True


def selector(kind: str | None, nodes: Sequence[Node]) -> dict[str, str]:
    """The labels of nodes that workers of a kind run on; none where no node has one.

    Nodes without a label are of the core, so that what costs more is left to those who need it.
    """
    if not any(node.kind for node in nodes):
        return {}
    return {KIND_LABEL: kind or f"!in({','.join(PACKAGES)})"}


def of_kind(kind: str | None, nodes: Sequence[Node]) -> list[Node]:
    """The nodes that `selector` means and that have room for a worker."""
    labelled = bool(selector(kind, nodes))
    fits = [node for node in nodes if not labelled or (node.kind == kind if kind else node.kind not in PACKAGES)]
    return [node for node in fits if node.cpus >= 1]


def found(kind: str | None, within_s: float) -> list[Node]:
    """The nodes of a kind; where there is none, those that an autoscaler brings in time. UsageError: none."""
    if within_s and not of_kind(kind, nodes := alive()):
        # a task that wants such a node is what makes an autoscaler bring one
        wish = ray.remote(num_cpus=1, label_selector=selector(kind, nodes))(_nothing()).remote()
        if not ray.wait([wish], timeout=within_s)[0]:
            ray.cancel(wish)
    if there := of_kind(kind, nodes := alive()):
        return there
    named, kinds = kind or CORE, ", ".join(sorted({node.kind or CORE for node in nodes}))
    raise UsageError(
        f"no node of the cluster is for workers of kind {named!r} (there: {kinds})"
        + (f", nor came one within {within_s:g} s: " if within_s else ": ")
        + f"start one with `ray start --labels {KIND_LABEL}={named}`; how long an autoscaler may take to bring one "
        "is resources.nodes_within_s of the recipe"
    )


def _nothing() -> Callable[[], None]:
    return lambda: None


def greet(nodes: Sequence[Node], python: str | None, kind: str | None) -> None:
    """Ask nodes of which build their workers would be; UsageError names the first that does not fit.

    Without it, a worker that cannot read what it is sent is started again and again.
    """
    ask = ray.remote(num_cpus=0, max_retries=0)(_asking())
    packages = PACKAGES[kind] if kind else ()
    answers = [
        (node, ask.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False)).remote(
            source(), python, packages
        ))
        for node in nodes
    ]  # fmt: skip
    deadline_s = time.monotonic() + ANSWER_S
    for node, answer in answers:
        try:
            there = ray.get(answer, timeout=max(0.1, deadline_s - time.monotonic()))
        except GetTimeoutError as error:
            raise UsageError(
                f"the node {node} did not say within {ANSWER_S:.0f} s what it has; is it alive?"
            ) from error
        except RayError as error:
            raise UsageError(f"the node {node} cannot say what it has: {error}") from error
        if wrong := there.get("error") or differences(there, build.build(())):
            raise unfit(str(node), there["by"], wrong)


def unfit(node: str, by: str, wrong: str) -> UsageError:
    """What is said of a node on which workers cannot run, by which Python, and why."""
    return UsageError(
        f"workers cannot run on the node {node}, by {by}: {wrong}; give all nodes images of one build, or send this "
        "code along (`retold submit --code`)"
    )


def _asking() -> Callable[..., Any]:
    """What a node is asked, as a function that travels whole: the code there may be another."""

    def ask(program: str, python: str | None, packages: Sequence[str]) -> dict[str, str]:
        by = python or sys.executable
        try:
            said = subprocess.run([by, "-c", program, *packages], capture_output=True, text=True, check=False)  # noqa: S603
        except OSError as error:
            return {"by": by, "error": f"it cannot be started ({error.strerror})"}
        if said.returncode:
            return {"by": by, "error": (said.stderr.strip() or "no word").splitlines()[-1]}
        return {"by": by, **json.loads(said.stdout)}

    return ask
