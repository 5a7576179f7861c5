"""Ray clusters of several nodes on this machine: each node has an address of its own on the loopback."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

from jobs.interpreter import KIND_LABEL
from tests.jobs.processes import processes_below

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
STORE_BYTES = 100 << 20


@contextmanager
def cluster(kind: str | None = None, **head: Any) -> Iterator[Cluster]:
    """A cluster that has a head, which is for a kind of workers."""
    os.environ.update(QUIET)
    started = Cluster()
    try:
        add(started, kind, **{"include_dashboard": False, **head})
        yield started
    finally:
        started.shutdown()
        del started
        gc.collect()  # its processes


def add(to: Cluster, kind: str | None = None, cpus: int = 2, tries: int = 3, **node: Any) -> Any:
    """Another node; where the machine is busy, Ray itself gives up waiting for one and is asked again."""
    own = {
        "num_cpus": cpus,
        "object_store_memory": STORE_BYTES,
        "node_ip_address": f"127.0.0.{2 + len(to.list_all_nodes())}",  # 127.0.0.1 would become that of the machine
        "labels": {KIND_LABEL: kind} if kind else {},
    }
    try:
        return to.add_node(**own, **node)
    except Exception:  # Ray raises nothing narrower
        if tries == 1:
            raise
        return add(to, kind, cpus, tries - 1, **node)


def workers_on(node: Any) -> list[int]:
    """The processes of workers that have work on a node."""
    raylet = node.all_processes["raylet"][0].process.pid
    return [
        pid for pid, line in processes_below(raylet) if "ray::" in line and "IDLE" not in line and "Agent" not in line
    ]


def lose(to: Cluster, node: Any) -> None:
    """A node is gone from one moment to the next, and all that ran on it."""
    to.remove_node(node, allow_graceful=False)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
