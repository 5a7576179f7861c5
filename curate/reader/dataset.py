"""The loader for torch: an IterableDataset, and its batches by worker processes."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from curate.errors import UsageError
from curate.reader.batch import Batch

if TYPE_CHECKING:
    from curate.reader.loader import Loader

State = Mapping[str, str | int]


class PlanDataset(IterableDataset):  # type: ignore[misc]  # torch is not there when types are checked
    """Whole batches in the order of the plan: `DataLoader(..., batch_size=None, multiprocessing_context="spawn")`.

    Worker w of n reads the steps w, w + n, ... of those that are left, and a DataLoader takes the batches of its
    workers in turn: any number of them gives the same batches in the same order.
    """

    def __init__(self, loader: "Loader") -> None:
        self.loader = loader
        self._pid: int | None = os.getpid()
        self._next: int | None = None  # of a worker: the step that is its next one

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_pid": None}

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        if worker is None:
            yield from self.loader
            return
        if self._pid is not None:
            raise UsageError(
                "a worker of a DataLoader was forked, and storage and tables do not survive that: "
                'give the DataLoader multiprocessing_context="spawn"'
            )
        first = int(self.loader.state()["step"]) + worker.id if self._next is None else self._next
        for made in self.loader.batches(first, worker.num_workers):
            self._next = made.step + worker.num_workers
            yield made

    def state_dict(self) -> dict[str, str | int]:
        """The loader's; in a worker (torchdata asks there) with the step that is the worker's next."""
        state = self.loader.state()
        return state if self._next is None else state | {"next": self._next}

    def load_state_dict(self, state: State) -> None:
        self.loader.load_state({name: value for name, value in state.items() if name != "next"})
        self._next = int(state["next"]) if "next" in state else None


class Workers:
    """Batches of a loader by worker processes; what is read ahead and not yet given is no part of the state."""

    def __init__(self, loader: "Loader", count: int, ahead: int) -> None:
        self.loader, self._count, self._ahead = loader, count, ahead

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Batch]:
        several: dict[str, Any] = (
            {"multiprocessing_context": "spawn", "prefetch_factor": self._ahead} if self._count else {}
        )
        for made in DataLoader(PlanDataset(self.loader), batch_size=None, num_workers=self._count, **several):
            self.loader.load_state({"plan": self.loader.plan_hash, "step": made.step + 1})
            if self._count:
                self.loader.replaced.extend(made.replaced)
            yield made

    def state_dict(self) -> dict[str, str | int]:
        return self.loader.state()

    def load_state_dict(self, state: State) -> None:
        self.loader.load_state(state)
