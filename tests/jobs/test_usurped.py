"""A job whose children are taken over by some of its rows: each of these fails, and the others are done."""

from pathlib import Path

from curate.storage.lake import open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Job, Snapshot
from jobs.status import failed_of
from tests.jobs.toy import gather, sources
from tests.media.usurper import Usurped

KINDS = {
    "gibberish": "compromised", "no-row": "compromised", "pickle": "compromised", "another": "compromised",
    "row-of-another": "compromised", "odd-failure": "compromised", "more": "gone", "claims-much": "too_large",
    "crowd": "too_large", "endless": "timeout",
}  # fmt: skip


def test_who_takes_over_a_child_fails_alone(tmp_path: Path) -> None:
    lake = open_lake(str(tmp_path / "lake"), {})
    lake.create()
    names = [name for act in KINDS for name in (f"before-{act}", act, f"past-{act}")]
    lake.append("sources", sources(["a", *names]))
    job = Job(Usurped(), "sources", "source_id", "scores", gather, rows_per_unit=64)
    snapshot = Snapshot(lake, {"scores": job.fingerprint})
    progress = run_job(job, snapshot, Inline(), Policy(), lambda _: None)
    failed = {row["input_id"]: row["failure"] for row in failed_of(snapshot, "scores").collect().iter_rows(named=True)}
    assert {name: failure["kind"] for name, failure in failed.items()} == {
        f"id-{act}": kind for act, kind in KINDS.items()
    }
    assert (progress.done, progress.rows_out) == (1 + len(names), 1 + len(names) - len(KINDS))
    values = snapshot.payload("scores").select("input_id", "clip_id", "value").collect().rows()
    assert all(input_id == clip_id and value == 1.0 for input_id, clip_id, value in values)
    assert "an outcome of 'id-a'" in failed["id-another"]["detail"]
    assert "more than 1024 threads" in failed["id-crowd"]["detail"]
