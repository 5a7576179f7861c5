"""A program for .venv-vllm: opens the engine in the worker, puts asks to it as it is told, prints what came of them.

On its standard input is JSON: `settings` of `Vllm`, and the names of `parts` of the programme below.
"""

import base64
import json
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from captioners.asking import Ask, Reply
from captioners.asking.vllm import Vllm
from curate.stage import Outcome, Run

ENGINE = "EngineCore"


def cores() -> list[int]:
    """The processes of engines that this one has begun."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == os.getpid() and ENGINE in (process / "cmdline").read_text():
                found.append(int(process.name))
        except OSError:
            continue  # it ended while we looked
    return found


def killing(asks: Iterable[Ask], at: int, killed: list[int]) -> Iterator[Ask]:
    """The asks; before one of them the engine is killed, with those before it in flight."""
    for index, ask in enumerate(asks):
        if index == at:
            time.sleep(0.3)
            (core,) = cores()
            os.kill(core, signal.SIGKILL)
            killed.append(core)
        yield ask


def perform(run: Run[Ask, Reply], part: dict[str, Any]) -> dict[str, Any]:
    units: list[list[Ask]] = pickle.loads(base64.b64decode(part["units"]))  # noqa: S301  our own
    before, killed = set(cores()), list[int]()

    def unit(asks: list[Ask]) -> list[Outcome[Reply]]:
        return list(run(killing(asks, part["kill_at"], killed) if part.get("kill_at") else asks))

    with ThreadPoolExecutor(len(units)) as threads:
        outcomes = list(threads.map(unit, units))
    answer = base64.b64encode(pickle.dumps(outcomes)).decode()
    return {"outcomes": answer, "killed": killed, "begun": len(set(cores()) - before)}


def main() -> None:
    told = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what vLLM prints is not ours
    run = Vllm(**told["settings"]).open()
    for part in told["parts"]:
        print(json.dumps(perform(run, part)), file=out, flush=True)


if __name__ == "__main__":
    main()
