"""Output tokens per second of asks through both engines, beside the same asks given to vLLM at once (the limit).

Run by the Python of .venv-vllm. Each contestant has a process of its own, and a few asks to get warm before the clock
runs.
With `--load-format dummy` a folder without weights will do: config, tokenizer, processor.

    .venv-vllm/bin/python infra/bench/asking.py MODEL [--asks 256] [--tokens 128] [--images 4] [--schema]
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from captioners.asking import Ask, Pictures, Reply, Sampling
from captioners.asking.server import Server
from captioners.asking.vllm import Vllm
from curate.stage import Outcome, Run
from curate.weights import sha256
from jobs.clock import tree_cpu_s

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "caption": {"type": "string", "maxLength": 200},
            "subjects": {"type": "array", "items": {"type": "string", "maxLength": 24}, "minItems": 2, "maxItems": 8},
        },
        "required": ["caption", "subjects"],
        "additionalProperties": False,
    }
)
WARM = 8
CONTESTANTS = ("generate", "vllm", "server")


def asks(told: argparse.Namespace, count: int, first: int) -> Iterator[Ask]:
    """Asks that differ from each other in every part, so that no cache helps."""
    shape = (told.images, told.side, told.side, 3)
    sampling = Sampling(max_tokens=told.tokens)
    for index in range(first, first + count):
        chance = np.random.default_rng(index)
        words = " ".join(f"{word:x}" for word in chance.integers(0, 1 << 16, told.words))
        parts: list[Any] = [f"Number {index}. {words}"]
        if told.images:
            times = tuple(0.5 * frame for frame in range(told.images))
            parts.insert(0, Pictures(times, told.side, told.side, chance.integers(0, 255, shape, np.uint8).tobytes()))
        yield Ask(str(index), tuple(parts), schema=SCHEMA if told.schema else None, sampling=sampling)


def settings(told: argparse.Namespace) -> Vllm:
    return Vllm(
        told.model, sha256(Path(told.model)), max_model_len=told.max_model_len, images=max(1, told.images),
        max_num_seqs=told.max_num_seqs, enforce_eager=told.enforce_eager, load_format=told.load_format,
        gpu_memory_utilization=told.gpu_memory_utilization, tensor_parallel=told.tensor_parallel,
    )  # fmt: skip


@contextmanager
def gpu_watched(busy: list[float]) -> Iterator[None]:
    """Percents of use of each GPU, ten times a second, where there is one."""
    if not shutil.which("nvidia-smi"):
        yield
        return
    query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "100"]
    with subprocess.Popen(query, stdout=subprocess.PIPE, text=True) as watch:

        def read() -> None:
            busy.extend(float(line) for line in watch.stdout or () if line.strip().isdigit())

        reader = threading.Thread(target=read)
        reader.start()
        try:
            yield
        finally:
            watch.terminate()
            reader.join()


def through(run: Run[Ask, Reply], told: argparse.Namespace) -> dict[str, Any]:
    list(run(asks(told, WARM, 10_000_000)))
    made = list(asks(told, told.asks, 0))  # their making is no part of what is measured
    busy: list[float] = []
    with gpu_watched(busy):
        spent = Spent()
        outcomes: list[Outcome[Reply]] = list(run(iter(made)))
        took_s, cpu_s = spent.seconds()
    replies = [outcome.rows[0] for outcome in outcomes if outcome.failure is None]
    if len(replies) < told.asks:
        raise SystemExit(f"{told.asks - len(replies)} asks failed: {next(o.failure for o in outcomes if o.failure)}")
    tokens = sum(one.tokens_out for one in replies), sum(one.tokens_in for one in replies)
    return measured(tokens, took_s, busy, cpu_s)


class Spent:
    """Wall seconds, and CPU seconds of this process and all below it, since this was made."""

    def __init__(self) -> None:
        self.began_s, self.cpu_s = time.monotonic(), tree_cpu_s()

    def seconds(self) -> tuple[float, float]:
        return time.monotonic() - self.began_s, tree_cpu_s() - self.cpu_s


def measured(
    tokens: tuple[int, int], took_s: float, busy: Sequence[float], cpu_s: float | None = None
) -> dict[str, Any]:
    idle = 1 - float(np.mean(busy)) / 100 if busy else None
    return {"out": tokens[0], "in": tokens[1], "took_s": took_s, "cpu_s": cpu_s, "gpu_idle": idle}


def generate(told: argparse.Namespace) -> dict[str, Any]:
    """All at once, by vLLM's own batch interface."""
    from vllm import LLM  # noqa: PLC0415

    from captioners.asking.async_llm import CHAT, arguments, conversation, filled, sampling  # noqa: PLC0415

    given = arguments(settings(told))
    wanted = {name: getattr(given, name) for name in GIVEN}
    llm = LLM(**wanted)
    renderer = llm.llm_engine.renderer

    def answered(some: list[Ask]) -> tuple[int, int]:
        prompts = [filled(renderer.render_messages(conversation(ask), CHAT)[1], ask) for ask in some]
        outputs = llm.generate(prompts, [sampling(ask) for ask in some], use_tqdm=False)
        return sum(len(o.outputs[0].token_ids) for o in outputs), sum(len(o.prompt_token_ids) for o in outputs)

    answered(list(asks(told, WARM, 10_000_000)))
    made, busy = list(asks(told, told.asks, 0)), list[float]()
    with gpu_watched(busy):
        spent = Spent()
        tokens = answered(made)
        took_s, cpu_s = spent.seconds()
    return measured(tokens, took_s, busy, cpu_s)


GIVEN = (
    "model", "max_model_len", "dtype", "load_format", "limit_mm_per_prompt", "mm_processor_cache_gb",
    "tensor_parallel_size", "gpu_memory_utilization", "max_num_seqs", "enforce_eager", "structured_outputs_config",
    "seed", "disable_log_stats",
)  # fmt: skip


def serve(told: argparse.Namespace) -> dict[str, Any]:
    """`vllm serve` of the same settings, and the engine that asks it from this process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).parent / "vllm"), "serve", told.model, "--served-model-name", "it",
        "--port", str(port),
        "--host", "127.0.0.1", "--max-model-len", str(told.max_model_len),
        "--max-num-seqs", str(told.max_num_seqs),
        "--limit-mm-per-prompt", json.dumps({"image": max(1, told.images)}), "--load-format", told.load_format,
        "--gpu-memory-utilization", str(told.gpu_memory_utilization), "--mm-processor-cache-gb", "0", "--seed", "0",
        "--tensor-parallel-size", str(told.tensor_parallel), "--disable-log-stats", "--disable-uvicorn-access-log",
        "--structured-outputs-config", json.dumps({"backend": "guidance", "disable_any_whitespace": True}),
        *(["--enforce-eager"] if told.enforce_eager else []),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=sys.stderr) as server:
        try:
            while not _healthy(port):
                if server.poll() is not None:
                    raise SystemExit(f"vllm serve ended with {server.returncode}")
                time.sleep(0.5)
            at_once = told.max_num_seqs + settings(told).ahead
            run = Server("it", "it", urls=(f"http://127.0.0.1:{port}/v1",), at_once=at_once).open()
            return through(run, told)
        finally:
            server.terminate()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def bench(told: argparse.Namespace, tokens_in: int) -> dict[str, Any]:
    """`vllm bench throughput` of random prompts as long as ours."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        command = [
            str(Path(sys.executable).parent / "vllm"), "bench", "throughput", "--model", told.model,
            "--load-format", told.load_format, "--dataset-name", "random", "--random-input-len", str(tokens_in),
            "--random-output-len", str(told.tokens), "--num-prompts", str(told.asks), "--seed", "0",
            "--max-model-len", str(told.max_model_len), "--max-num-seqs", str(told.max_num_seqs),
            "--gpu-memory-utilization", str(told.gpu_memory_utilization), "--output-json", str(found),
            "--tensor-parallel-size", str(told.tensor_parallel), *(["--enforce-eager"] if told.enforce_eager else []),
        ]  # fmt: skip
        busy: list[float] = []
        subprocess.run(command, stdout=sys.stderr, check=True)
        took_s = json.loads(found.read_text())["elapsed_time"]
    return measured((told.asks * told.tokens, told.asks * tokens_in), took_s, busy)


def contest(told: argparse.Namespace, name: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", __file__, *sys.argv[1:], "--as", name]
    root = Path(__file__).resolve().parents[2]
    environ = {**os.environ, "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "PYTHONPATH": str(root)}
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environ)
    return dict(json.loads(run.stdout.splitlines()[-1]))


def table(told: argparse.Namespace) -> None:
    print("| contestant | tokens in | tokens out | wall s | CPU s | tokens out/s | of the limit | GPU idle |")
    print("|---|---|---|---|---|---|---|---|")
    limit, tokens_in = None, 0
    for name in told.only:
        found = contest(told, name)
        tokens_in = found["in"] // told.asks
        limit = row(name, found, limit)
    if told.bench:
        row(f"vllm bench throughput, {tokens_in} random tokens", bench(told, tokens_in), limit)


def row(name: str, found: dict[str, Any], limit: float | None) -> float:
    rate = found["out"] / found["took_s"]
    limit = limit or rate
    idle = "" if found["gpu_idle"] is None else f"{found['gpu_idle']:.1%}"
    cpu = "" if found["cpu_s"] is None else f"{found['cpu_s']:.1f}"
    wall = f"{found['took_s']:.1f}"
    cells = (name, found["in"], found["out"], wall, cpu, f"{rate:.0f}", f"{rate / limit:.2f}", idle)
    print(f"| {' | '.join(map(str, cells))} |", flush=True)
    return limit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="the folder of a model")
    parser.add_argument("--asks", type=int, default=256)
    parser.add_argument("--tokens", type=int, default=128, help="of one answer, at most")
    parser.add_argument("--words", type=int, default=16, help="of one question")
    parser.add_argument("--images", type=int, default=4, help="of one ask")
    parser.add_argument("--side", type=int, default=64, help="of an image, in pixels")
    parser.add_argument("--schema", action="store_true", help="hold answers to a JSON schema")
    parser.add_argument("--max-model-len", type=int, default=4096)
    parser.add_argument("--max-num-seqs", type=int, default=64)
    parser.add_argument("--tensor-parallel", type=int, default=1)
    parser.add_argument("--gpu-memory-utilization", type=float, default=0.9)
    parser.add_argument("--load-format", default="auto")
    parser.add_argument("--enforce-eager", action="store_true")
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--bench", action="store_true", help="also `vllm bench throughput`, of text alone")
    parser.add_argument("--as", dest="contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.contestant is None:
        table(told)
        return
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what vLLM prints is not ours
    contestants = {"generate": generate, "vllm": lambda told: through(settings(told).open(), told), "server": serve}
    print(json.dumps(contestants[told.contestant](told)), file=out, flush=True)


if __name__ == "__main__":
    main()
