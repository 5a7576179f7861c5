"""Read a plan through torch, in .venv-models: `python -m tests.reader.feeding LAKE WORLD WORKERS...`.

Prints a JSON object: for each number of workers the hashes of each step over all ranks; those of a run that stops and
goes on with other numbers; what a forked worker says.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import islice

from torch.utils.data import DataLoader, IterableDataset

from curate.errors import UsageError
from curate.reader import Batch, Lake, Loader


def rows(batch: Batch) -> list[str]:
    return [
        hashlib.sha256(f"{batch.step} {clip} {text}".encode() + latent.tobytes()).hexdigest()
        for clip, text, latent in zip(batch.clip_ids, batch.captions, batch.latents.numpy(), strict=True)
    ]


def loaders(lake: str, world: int) -> list[Loader]:
    return [Loader(Lake(lake), rank=rank, world=world, as_torch=True) for rank in range(world)]


def steps(parts: list[Iterator[Batch]]) -> list[list[str]]:
    """What all ranks read at each step, sorted."""
    return [sorted(row for batch in batches for row in rows(batch)) for batches in zip(*parts, strict=True)]


def resumed(lake: str) -> list[list[str]]:
    """Three workers, stopped; two of another rank count; then none."""
    found: list[list[str]] = []
    state = loaders(lake, 1)[0].state_dict()
    for world, workers, count in ((1, 3, 4), (2, 2, 3), (1, 0, 1000)):
        feeds = [loader.workers(workers) for loader in loaders(lake, world)]
        for feed in feeds:
            feed.load_state_dict(state)
        found += steps([islice(iter(feed), count) for feed in feeds])
        assert len({json.dumps(feed.state_dict()) for feed in feeds}) == 1
        state = feeds[0].state_dict()
        assert len(json.dumps(state)) < 200
    return found


def worker_states(lake: str) -> list[list[str]]:
    """What torchdata does: a state for each worker, taken and given back there."""
    dataset = loaders(lake, 1)[0].torch()
    found = steps([islice(iter(DataLoader(dataset, batch_size=None)), 2)])
    assert dataset.state_dict()["step"] == 2
    dataset.load_state_dict(dataset.state_dict())
    return found + steps([iter(DataLoader(dataset, batch_size=None))])


def forked(lake: str) -> str:
    dataset = loaders(lake, 1)[0].torch()
    assert isinstance(dataset, IterableDataset)
    try:
        next(iter(DataLoader(dataset, batch_size=None, num_workers=1, multiprocessing_context="fork")))
    except UsageError as error:
        return str(error)
    return "nothing"


def main() -> None:
    lake, world, *workers = sys.argv[1:]
    told = {
        "steps": {n: steps([iter(one.workers(int(n))) for one in loaders(lake, int(world))]) for n in workers},
        "resumed": resumed(lake),
        "dataset": worker_states(lake),
        "forked": forked(lake),
    }
    print(json.dumps(told))  # noqa: T201  what the test reads


if __name__ == "__main__":
    main()
