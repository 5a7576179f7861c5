"""The pool of Ray actors, through Ray Data."""

import logging
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext

from curate.errors import UsageError
from jobs.engines import Work
from jobs.job import Unit
from jobs.worker import Result

SPARE_CPUS = 2
"""Logical CPUs beyond the pool: Ray Data's own tasks need them, or a pool that fills the machine waits for ever."""


class _Actor:
    """A worker behind Ray Data's batches: one pickled unit in, one pickled result out."""

    def __init__(self, make: Callable[[], Work]) -> None:
        self.make = make
        self.work: Work | None = None  # made with the first unit: Ray tries a constructor that fails for ever

    def __call__(self, batch: pa.Table) -> pa.Table:
        work = self.work = self.work or self.make()
        results = [pickle.dumps(work(pickle.loads(unit))) for unit in batch["unit"].to_pylist()]  # noqa: S301  our own
        return pa.table({"result": pa.array(results, pa.large_binary())})


class RayEngine:
    """A Ray started on the spot, or the cluster at `address`."""

    def __init__(self, address: str | None = None) -> None:
        self.address = address

    def _start(self) -> None:
        if ray.is_initialized():
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its warnings are about itself; errors are raised
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        local: dict[str, Any] = {
            "address": "local",
            "num_cpus": (os.cpu_count() or 1) + SPARE_CPUS,
            "num_gpus": 0,
            "object_store_memory": 256 << 20,
            "include_dashboard": False,
        }
        with _no_stderr():
            ray.init(**quiet, **({"address": self.address} if self.address else local))
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)

    def workers(self, asked: int) -> int:
        self._start()
        cpus = int(ray.cluster_resources().get("CPU", 0))
        if asked > cpus - 1:
            raise UsageError(
                f"{asked} workers cannot run: the cluster has {cpus} CPUs, and Ray Data needs one; ask for fewer"
            )
        return asked

    def map(self, make: Callable[[], Work], units: list[Unit], workers: int) -> Iterator[Result]:
        self._start()
        blocks = [pa.table({"unit": pa.array([pickle.dumps(unit)], pa.large_binary())}) for unit in units]
        results = ray.data.from_arrow(blocks).map_batches(
            _Actor,
            fn_constructor_args=(make,),
            batch_size=1,
            batch_format="pyarrow",
            num_cpus=1,
            compute=ActorPoolStrategy(size=min(workers, len(units))),
        )
        for batch in results.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            for result in batch["result"].to_pylist():
                yield pickle.loads(result)  # noqa: S301  our own

    def close(self) -> None:
        ray.shutdown()


@contextmanager
def _no_stderr() -> Iterator[None]:
    """Keep what Ray's C++ core says of its own log level off the terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a descriptor is wanted
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
