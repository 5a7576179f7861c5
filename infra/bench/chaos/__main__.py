"""Faults over the whole road, drawn from a seed: after each, run again, and the lake is as if nothing had happened.

    python -m infra.bench.chaos FOLDER [--s3] [--minutes 10] [--seed 0] [--faults WORD...] [--until JOB]

A round is a line: its seed, the fault, what was hit when, how many reruns it took, the verdict. FOLDER is for lakes
and logs, and keeps those of rounds that failed, also of lakes on S3. `again` is a planted fault, which must be found.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from curate.film import FilmSpec, make_film
from curate.storage.lake import Lake
from infra.bench.chaos.faults import FAULTS, PLANTED, Fault
from infra.bench.chaos.world import World, begun_jobs, flaws, last_words, rerun
from tests.servers.ceph import gateway
from tests.servers.s3 import S3

ALL = {**FAULTS, **PLANTED}


def make_inputs(folder: Path, films: int = 3) -> Path:
    """Small films, one of them twice, and a file that is none."""
    if not folder.exists():
        folder.mkdir(parents=True)
        for seed in range(films):
            make_film(folder / f"film{seed}.mp4", FilmSpec(seed=seed, seconds=2, width=160, height=90))
        shutil.copy(folder / "film0.mp4", folder / "again.mp4")
        (folder / "text.mp4").write_text("not a film")
    return folder


@contextmanager
def storage(folder: Path, on_s3: bool) -> Iterator[S3 | None]:
    """An S3 server of our own, or none."""
    if not on_s3:
        yield None
        return
    key = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as server, gateway(Path(server, "s3"), "chaos", key) as endpoint:
        yield S3(endpoint, "chaos", key, "us-east-1", "none").fresh()


@dataclass(frozen=True)
class Round:
    """What a seed stands for."""

    seed: int
    word: str
    engine: str

    @property
    def fault(self) -> Fault:
        return ALL[self.word]


def drawn(seed: int, words: list[str], engines: list[str], store: str) -> Round:
    """The round of a seed, among the faults that can be there."""
    dice = random.Random(seed)  # noqa: S311  no secret
    there = [word for word in words if store in ALL[word].stores and set(engines) & set(ALL[word].engines)]
    word = dice.choice(there)
    return Round(seed, word, dice.choice([one for one in ALL[word].engines if one in engines]))


def play(one: Round, template: World, calm: Lake, bucket: S3 | None) -> list[str]:
    """One round: what is wrong after it. A lake that is as it should be is removed."""
    folder = template.folder / f"round{one.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lake = f"{bucket.uri}/{uuid.uuid4().hex}" if bucket else str(folder / "lake")
    world, begun = replace(template, lake=lake, folder=folder, engine=one.engine), time.monotonic()
    hit = one.fault.strike(world, random.Random(f"{one.seed} {one.word}"))  # noqa: S311
    runs, wrong = rerun(world)
    wrong = [*hit.wrong, *wrong, *flaws(world, calm)]
    told = f"{hit.what} | {runs} | {time.monotonic() - begun:.0f} | {'; '.join(wrong) or 'whole'} |"
    print(f"| {one.seed} | {one.word} | {one.engine} | {told}", flush=True)
    if not wrong:
        shutil.rmtree(folder)
    elif bucket:
        bring(bucket, lake, folder / "lake")
    return wrong


def bring(bucket: S3, lake: str, folder: Path) -> None:
    """Bring a lake from S3 to a folder."""
    client, prefix = bucket.client(), lake.removeprefix(f"{bucket.uri}/")
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket.bucket, Prefix=prefix):
        for there in page.get("Contents", ()):
            to = folder / there["Key"].removeprefix(f"{prefix}/")
            to.parent.mkdir(parents=True, exist_ok=True)
            client.download_file(bucket.bucket, there["Key"], str(to))


def undisturbed(world: World) -> tuple[Lake, tuple[str, ...]]:
    """The lake of a run that nobody disturbs, and the jobs that had work; SystemExit where it does not come through."""
    driver = world.start()
    if driver.wait():
        raise SystemExit(f"the undisturbed run did not come through: {last_words(driver)}")
    return world.opened(), tuple(begun_jobs(driver.log))


def campaign(asked: argparse.Namespace, environment: Mapping[str, str], bucket: S3 | None) -> int:
    """Play rounds until the time is over; how many failed."""
    folder, store = Path(asked.folder).resolve(), "s3" if bucket else "folder"
    shutil.rmtree(folder / "calm", ignore_errors=True)
    (folder / "calm").mkdir(parents=True)
    world = World(
        make_inputs(folder / "inputs"), str(folder / "calm" / "lake"), folder / "calm", {}, "inline", asked.until
    )
    calm, jobs = undisturbed(world)
    template = replace(world, folder=folder, environment=environment, jobs=jobs)
    last_s, bad, seed = time.monotonic() + 60 * asked.minutes, 0, asked.seed
    print("| seed | fault | engine | what was hit | reruns | s | verdict |\n|---|---|---|---|---|---|---|", flush=True)
    while time.monotonic() < last_s and seed - asked.seed < asked.rounds:
        one = drawn(seed, asked.faults, asked.engines, store)
        if play(one, template, calm, bucket):
            bad += 1
            again = (
                f"{folder} --seed {seed} --rounds 1 --faults {one.word} --engines {one.engine} --until {asked.until}"
            )
            print(f"again: python -m infra.bench.chaos {again}{' --s3' if bucket else ''}; lake and logs: round{seed}")
        seed += 1
    print(f"{seed - asked.seed} rounds, {bad} failed", flush=True)
    return bad


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--s3", action="store_true")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", nargs="+", choices=list(ALL), default=list(FAULTS))
    parser.add_argument("--engines", nargs="+", choices=["inline", "ray"], default=["inline", "ray"])
    parser.add_argument("--until", default="plan")
    asked = parser.parse_args()
    with storage(Path(asked.folder), asked.s3) as bucket:
        bad = campaign(asked, bucket.environment if bucket else {}, bucket)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
