"""Fixture `vllm_server`: a real `vllm serve` of the tiny Qwen3-VL, started once for all files that ask for it."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

START_S = 900.0  # 24 s on a quiet machine of two cores

ENVIRON = {
    "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_CPU_KVCACHE_SPACE": "1",
    "OMP_NUM_THREADS": "1",
}  # fmt: skip

# The schema decides each token that may come, white space included: noise would fill the answer with it.
DECODING = {"backend": "guidance", "disable_any_whitespace": True}

# With a seed, vLLM 0.32 ends on a CPU when it reads a prompt in pieces: "CPU Generator does not use offset".
UNSPLIT = ("--no-enable-chunked-prefill", "--max-num-batched-tokens", "4096")


@dataclass(frozen=True, slots=True)
class VllmServer:
    """An OpenAI-compatible server on loopback."""

    url: str  # http://127.0.0.1:PORT/v1
    model: str
    pid: int  # of its process group as well
    log: Path


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait(server: VllmServer, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers; RuntimeError with the end of its log if it ends or takes too long."""
    last = time.monotonic() + START_S
    with httpx2.Client(trust_env=False, timeout=10.0) as client:
        while process.poll() is None and time.monotonic() < last:
            try:
                if client.get(f"{server.url}/models").is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.5)
    raise RuntimeError(f"vllm serve did not start: {server.log.read_text(errors='replace')[-4000:]}")


@contextmanager
def serving(python: Path, model: Path, log: Path, *options: str) -> Iterator[VllmServer]:
    """Run `vllm serve` on a free port with `options` beside the usual; all its processes are ended afterwards."""
    port = _free_port()
    command: list[str | Path] = [
        python.with_name("vllm"), "serve", model, "--served-model-name", "tiny", "--host", "127.0.0.1", "--port",
        str(port), "--max-model-len", "4096", "--max-num-seqs", "8", "--enforce-eager", "--dtype", "bfloat16",
        "--limit-mm-per-prompt", json.dumps({"image": 16, "video": 1}), "--structured-outputs-config",
        json.dumps(DECODING), "--trust-request-mm-kwargs", *UNSPLIT, *options,
    ]  # fmt: skip
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, start_new_session=True, env={**os.environ, **ENVIRON}
        )
    server = VllmServer(f"http://127.0.0.1:{port}/v1", "tiny", process.pid, log)
    try:
        _wait(server, process)
        yield server
        if process.poll() is not None:
            raise RuntimeError(f"vllm serve ended by itself: {log.read_text(errors='replace')[-4000:]}")
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what is left of its processes


@pytest.fixture(scope="session")
def vllm_server(vllm_python: Path, tiny_vlm: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    """The server and the name of its model. Whoever kills it starts one of their own by `serving`."""
    with serving(vllm_python, tiny_vlm, tmp_path_factory.mktemp("vllm") / "log") as server:
        yield server
