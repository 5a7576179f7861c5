"""A job whose workers hold vLLM: on Ray, in the environment of its kind, with units that overlap."""

from pathlib import Path

import pytest

from captioners.asking.model import Model
from captioners.asking.vllm import Vllm
from curate.storage.lake import open_lake
from curate.weights import sha256
from jobs.drive import Policy, run_job
from jobs.job import Job, Snapshot
from jobs.ray_engine import RayEngine
from tests.jobs.teller import Told
from tests.jobs.toy import gather, sources

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.integration,
    pytest.mark.timeout(2400),
    pytest.mark.filterwarnings("default"),
]


def test_units_of_a_worker_in_its_own_environment_share_one_engine(
    tmp_path: Path, vllm_python: Path, tiny_vlm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
    vllm = Vllm(str(tiny_vlm), sha256(tiny_vlm), 2048, "bfloat16", max_num_seqs=8, enforce_eager=True)
    lake = open_lake(str(tmp_path), {})
    lake.create()
    lake.append("sources", sources([f"s{i}" for i in range(40)]))
    job = Job(
        Told(Model(vllm=vllm)), "sources", "source_id", "scores", gather,
        rows_per_unit=8, environment="vllm", concurrent_units=2,
    )  # fmt: skip
    engine = RayEngine()
    try:
        workers = engine.at("vllm", {"vllm": str(vllm_python.parents[1])})
        done = run_job(job, Snapshot(lake, {}), workers, Policy(workers=1), lambda _: None)
    finally:
        engine.close()
    assert (done.total, done.done, done.failed) == (40, 40, 0)
    rows = lake.scan("scores").select("input_id", "value").collect()
    assert set(rows["input_id"]) == {f"id-s{i}" for i in range(40)}
    assert all(0 < value <= 24 for value in rows["value"])
