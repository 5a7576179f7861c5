"""The pool of Ray actors, through Ray Data."""

import logging
import os
import pickle
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, DataContext
from ray.exceptions import ActorUnavailableError, RayActorError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curate.errors import EngineError, RetoldError, UsageError
from curate.media.sandbox import BrokenStage
from jobs import nodes
from jobs.build import build
from jobs.ending import signals_kept
from jobs.engines import ONE, Inline, R, Share, U, never, pool_size
from jobs.interpreter import differences, interpreter, missing, python_of

SPARE_CPUS = 2
"""Logical CPUs beyond the pool: Ray Data's own tasks need them, or a pool that fills the machine waits for ever."""


TRIES = 3
"""How often a unit is tried again whose worker died under it."""


class _Actor:
    """A worker behind Ray Data's batches: pickled units in, pickled results out; perhaps several at the same time.

    Errors that are meant for a person travel as results: Ray would wrap them in its own.
    """

    def __init__(self, make: Callable[[], Callable[[Any], Any]], gate: Any, expected: Mapping[str, str] | None) -> None:
        self.make, self.gate, self.expected = make, gate, expected
        self.making = threading.Lock()
        # made with the first unit: what it raises is then an error of that unit
        self.work: Callable[[Any], Any] | None = None

    def __call__(self, batch: pa.Table) -> pa.Table:
        answers = [self._answer(pickle.loads(unit)) for unit in batch["unit"].to_pylist()]  # noqa: S301  our own
        pickled = pa.array([pickle.dumps(answer) for answer in answers], pa.large_binary())
        return pa.table({"index": batch["index"], "answer": pickled})

    def _answer(self, unit: Any) -> Any:
        if self.gate and ray.get(self.gate.is_shut.remote()):
            return None
        try:
            with self.making:
                self.work = self.work or self._made()
            return self.work(unit)
        except (RetoldError, BrokenStage) as error:
            return error

    def _made(self) -> Callable[[Any], Any]:
        """UsageError where this node came in the middle of a job, and is of another build than its driver."""
        if self.expected and (wrong := differences(build(()), self.expected)):
            raise nodes.unfit(ray.util.get_node_ip_address(), sys.executable, wrong)
        return self.make()


class _Gate:
    """Stands before the units of a pool that may have to stop: those that come to it when it is shut are not begun."""

    def __init__(self) -> None:
        self.shut = False

    def is_shut(self) -> bool:
        return self.shut

    def close(self) -> None:
        self.shut = True


def _gate() -> Any:
    """A gate on the node of the driver, which is lost only with the driver itself."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(num_cpus=0, scheduling_strategy=here)(_Gate).remote()


class RayEngine:
    """A Ray started on the spot, or the cluster at `address`, whose autoscaler may bring nodes within some seconds.

    A job of a single unit or worker runs in the calling process, unless it is for a cluster or another Python: starting
    a pool for it takes some twenty CPU seconds.
    """

    def __init__(
        self,
        address: str | None = None,
        python: str | None = None,
        kind: str | None = None,
        nodes_within_s: float = 0.0,
    ) -> None:
        self.address, self.python = address, python  # of the workers; None: this one
        self.kind, self.nodes_within_s = kind, nodes_within_s
        self.greeted: set[tuple[str, str | None]] = set()  # nodes that are known to fit, and for which kind

    def at(self, kind: str | None, folders: Mapping[str, str]) -> "RayEngine":
        if kind is None:
            return self
        if self.address is None:
            return RayEngine(python=interpreter(kind, folders)) if missing(kind) else self
        there = RayEngine(self.address, python_of(kind, folders) if missing(kind) else None, kind, self.nodes_within_s)
        there.greeted = self.greeted
        if not self.nodes_within_s:  # else when they are there: what costs most is brought only when it has work
            there._start()
            there._nodes()
        return there

    def _start(self) -> None:
        if ray.is_initialized():
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its warnings are about itself; errors are raised
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        local: dict[str, Any] = {
            "address": "local",
            "num_cpus": _own_cpus(),
            "object_store_memory": 256 << 20,
            "include_dashboard": False,
        }
        _init({**quiet, **({"address": self.address} if self.address else local)})
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)

    def workers(self, asked: int | None, gpus: float = 0.0) -> int:
        if asked and self.nodes_within_s:
            return asked  # what is not there comes
        cpus = self._cpus()
        if gpus:
            return min(self._shares(gpus), asked or max(1, cpus - SPARE_CPUS))
        if asked is None:
            return max(1, cpus - SPARE_CPUS)
        if asked > cpus - 1:
            raise UsageError(
                f"resources.workers = {asked} cannot be: the cluster has {cpus} CPUs, and Ray Data needs one of them; "
                "ask for fewer"
            )
        return asked

    def _cpus(self) -> int:
        """How many CPUs there are; a Ray of our own is not started to be asked."""
        if not self.address:
            return _own_cpus()
        self._start()
        return int(sum(node.cpus for node in self._nodes()))

    def _shares(self, gpus: float) -> int:
        """How many workers with so many GPUs there is room for."""
        self._start()
        there = [node.gpus for node in self._nodes()]
        room = sum(int(of_node / gpus) for of_node in there)
        if not room:
            raise UsageError(
                f"resources.gpus asks for {gpus:g} GPUs for one worker, and no machine here has them "
                f"(the most is {max(there, default=0):g}): ask for fewer, or leave the job out there"
            )
        return room

    def _nodes(self) -> list[nodes.Node]:
        """The nodes that workers run on; on a cluster, once they have said that they can."""
        with _named():
            if not self.address:
                return nodes.alive()
            found = nodes.found(self.kind, self.nodes_within_s)
            new = [node for node in found if (node.id, self.kind) not in self.greeted]
            nodes.greet(new, self.python, self.kind)
        self.greeted.update((node.id, self.kind) for node in new)
        return found

    def map(
        self,
        make: Callable[[], Callable[[U], R]],
        units: list[U],
        workers: int,
        share: Share = ONE,
        stop: Callable[[], bool] = never,
    ) -> Iterator[R]:
        at_once = min(workers * share.concurrent_units, len(units))
        if not self.address and not self.python and not share.gpus and at_once < 2:
            yield from Inline().map(make, units, 1, stop=stop)  # nothing to share out: it is done here
            return
        self._start()
        left, losses, gate = dict(enumerate(units)), 0, None if stop is never else _gate()
        while left:
            there = self._nodes()
            try:
                with _named():
                    for index, answer in self._map(make, left, workers, share, stop, gate):
                        del left[index]
                        losses = 0
                        if answer is not None:  # else its unit was not begun
                            yield answer
            except nodes.Lost:
                losses += 1
                if not self.address or losses > TRIES or not nodes.change(there):
                    raise
                workers = min(workers, self.workers(None, share.gpus))

    def _map(
        self,
        make: Callable[[], Callable[[U], R]],
        units: Mapping[int, U],
        workers: int,
        share: Share,
        stop: Callable[[], bool],
        gate: Any,
    ) -> Iterator[tuple[int, R | None]]:
        """The answers of units, each with the unit's index; None: it was not begun."""
        labels = nodes.selector(self.kind, nodes.alive())
        pickled = pa.array([pickle.dumps(unit) for unit in units.values()], pa.large_binary())
        table = pa.table({"index": pa.array(units, pa.int64()), "unit": pickled})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own defaults, and of max_task_retries, which has no other name yet
            answers = ray.data.from_arrow(table, override_num_blocks=len(units)).map_batches(
                _Actor,
                fn_constructor_args=(make, gate, build(()) if self.address else None),
                batch_size=1,
                batch_format="pyarrow",
                num_cpus=1,
                num_gpus=share.gpus or None,
                compute=ActorPoolStrategy(
                    size=pool_size(len(units), workers, share),
                    max_concurrent_calls_per_actor=share.concurrent_units,
                    enable_true_multi_threading=share.concurrent_units > 1,
                ),
                max_task_retries=TRIES,
                **({"runtime_env": {"py_executable": self.python}} if self.python else {}),
                **({"label_selector": labels} if labels else {}),
            )
        for batch in answers.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            for row in batch.to_pylist():
                answer = pickle.loads(row["answer"])  # noqa: S301  our own
                if isinstance(answer, Exception):
                    raise answer
                yield row["index"], answer
                if gate and answer is not None and stop():
                    ray.get(gate.close.remote())

    def close(self) -> None:
        ray.shutdown()


def _own_cpus() -> int:
    return (os.cpu_count() or 1) + SPARE_CPUS


@contextmanager
def _named() -> Iterator[None]:
    """Say what Ray's errors mean for a run."""
    try:
        yield
    except ActorUnavailableError as error:
        raise nodes.Lost(
            f"a worker died {TRIES + 1} times over one unit, or cannot be reached; run again with --engine inline to "
            f"see it: {error}"
        ) from error
    except RayActorError as error:
        raise EngineError(
            f"a worker died {TRIES + 1} times over one unit; run again with --engine inline to see it: {error}"
        ) from error
    except RayError as error:
        raise EngineError(f"Ray is gone ({type(error).__name__}); run again to go on: {error}") from error


def _init(settings: dict[str, Any]) -> None:
    """Start or join Ray; on a busy machine its first try may take longer than it allows itself."""
    for last in (False, False, True):
        try:
            with _no_stderr(), signals_kept():
                ray.init(**settings)
        except Exception as error:  # Ray raises nothing narrower
            ray.shutdown()
            if last:
                raise EngineError(f"Ray did not start ({error}); run again, or with --engine inline") from error
        else:
            return


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
