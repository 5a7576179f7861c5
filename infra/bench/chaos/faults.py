"""The faults of the campaign: each disturbs one run, and says what was hit when."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from infra.bench.chaos.world import ROOT, Driver, World, last_words, told
from schemas.tables import TABLES
from tests.jobs.clusters import add, cluster, lose, workers_on
from tests.jobs.processes import kill
from tests.servers.faulty import Fault as Answer
from tests.servers.faulty import proxied, storms

ANY = ("inline", "ray")
STORES = ("folder", "s3")
DAY_S = 86_400


@dataclass(frozen=True)
class Hit:
    """What was hit when, and what was wrong with how the run took it."""

    what: str
    wrong: tuple[str, ...] = ()


def ended(driver: Driver, what: str | None, killed: bool = False) -> Hit:
    """Wait for the end of a run: it comes through or says what is wrong, unless it was killed itself."""
    code = driver.wait()
    wrong = () if told(driver, code) or (killed and code < 0) else (f"the run ended with {code}: {last_words(driver)}",)
    return Hit(f"{what or 'nothing: the run came first'}, ended with {code}", wrong)


def killed(victim: str, world: World, dice: random.Random) -> Hit:
    """SIGKILL for a process of a kind, once there is one."""
    driver, hit = world.start(), None
    when = world.moment(driver, dice)
    while when and driver.process.poll() is None and not (hit := kill(driver.process.pid, victim, dice)):
        time.sleep(0.05)
    return ended(driver, hit and f"{hit} {when}", killed=victim == "driver")


def two(world: World, dice: random.Random) -> Hit:
    """Two drivers on one lake, by mistake."""
    first, pause_s = world.start(), dice.uniform(0, 4)
    time.sleep(pause_s)
    hits = [ended(driver, name) for driver, name in ((world.start(), "the second"), (first, "the first"))]
    return Hit(f"two drivers, {pause_s:.1f} s apart: {hits[1].what}; {hits[0].what}", hits[0].wrong + hits[1].wrong)


MOUNTED = """
mkdir -p "$2"; mount -t tmpfs -o size="$1" t "$2" || exit 1
lake=$2; shift 2
"$@"; code=$?
cp -r "$lake" "$lake.kept"; exit $code
"""


def disk(world: World, dice: random.Random) -> Hit:
    """A disk that is full before the run is done; what is on it is on a larger one afterwards."""
    size, lake = dice.randrange(100_000, 700_000), Path(world.lake)
    before = ("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh", str(size), str(lake))
    hit = ended(world.start(before=before), f"a disk of {size} bytes")
    shutil.rmtree(lake, ignore_errors=True)
    shutil.move(f"{lake}.kept", lake)
    return hit


def half(world: World, dice: random.Random) -> Hit:
    """What a machine leaves behind that fell over: half a shard that nobody committed, and a committed file cut off."""
    hit = killed("driver", world, dice)
    shards = Path(world.lake, "media", "shards")
    shards.mkdir(parents=True, exist_ok=True)
    shards.joinpath("half.tar").write_bytes(dice.randbytes(dice.randrange(1, 100_000)))
    files = [
        file for table in sorted(TABLES) if TABLES[table].traced
        for file in sorted(Path(world.lake, table).rglob("*"), key=lambda file: file.stat().st_size)
        if file.suffix in (".parquet", ".tar") and "_delta_log" not in file.parts
    ]  # fmt: skip
    file = dice.choice(files)
    with file.open("r+b") as opened:
        opened.truncate(left := dice.randrange(file.stat().st_size))
    mend = [sys.executable, "-m", "jobs", "fsck", "--repair", "--json", "--engine", "inline", "--lake", world.lake]
    done = subprocess.run(mend, capture_output=True, text=True, check=False, cwd=ROOT)
    wrong = () if done.returncode in (0, 1) else (f"fsck --repair ended with {done.returncode}: {done.stderr[-300:]}",)
    return Hit(f"{hit.what}; {file.relative_to(world.lake).parts[:2]} cut to {left} bytes", hit.wrong + wrong)


def storm(world: World, dice: random.Random) -> Hit:
    """Storage that answers badly now and then, for up to three runs."""
    struck, hits = list[Answer](), list[Hit]()
    with proxied(world.environment["AWS_ENDPOINT_URL"]) as proxy:
        proxy.trouble = storms(dice.randrange(1 << 30), struck)
        while len(hits) < 3 and (not hits or not hits[-1].what.endswith("with 0")):
            hits.append(ended(world.start({"AWS_ENDPOINT_URL": proxy.endpoint}), "a run in it"))
    told = ", ".join(f"{struck.count(kind)} {kind}" for kind in sorted(set(struck)))
    return Hit(f"a storm of {told}; {hits[-1].what}", tuple(one for hit in hits for one in hit.wrong))


def expired(world: World, dice: random.Random) -> Hit:
    """Keys that are no longer valid after some requests."""
    asked, last = [0], dice.randrange(20, 1000)

    def trouble(_method: str, _path: str) -> Answer | None:
        asked[0] += 1
        return "expired" if asked[0] > last else None

    with proxied(world.environment["AWS_ENDPOINT_URL"]) as proxy:
        proxy.trouble = trouble
        return ended(world.start({"AWS_ENDPOINT_URL": proxy.endpoint}), f"keys expire after {last} requests")


CLOCK = """
import time
begun, steady, real, real_ns = time.monotonic(), time.monotonic, time.time, time.time_ns
time.time = lambda: real() + {shift_s} * (steady() > begun + {after_s})
time.time_ns = lambda: real_ns() + {shift_s} * 10**9 * (steady() > begun + {after_s})
"""


def clock(world: World, dice: random.Random) -> Hit:
    """A clock that jumps by up to two days, in each process some seconds after its start."""
    shift_s, after_s = dice.randrange(-2 * DAY_S, 2 * DAY_S), dice.randrange(20)
    world.folder.joinpath("sitecustomize.py").write_text(CLOCK.format(shift_s=shift_s, after_s=after_s))
    path = os.pathsep.join([str(world.folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    driver = world.start({"PYTHONPATH": path})
    return ended(driver, f"clocks jump by {shift_s} s after {after_s} s")


def node(world: World, dice: random.Random) -> Hit:
    """A node of a cluster that is gone from one moment to the next."""
    with cluster("core") as nodes:
        other, when = add(nodes), None
        driver = world.start({"RAY_ADDRESS": nodes.address})
        if when := world.moment(driver, dice):
            while driver.process.poll() is None and not workers_on(other):
                time.sleep(0.05)
            lose(nodes, other)
        return ended(driver, when and f"a node is lost {when}")


def again(world: World, dice: random.Random) -> Hit:
    """Planted: what a run has written is committed twice."""
    hit, lake = ended(world.start(), "clips are committed twice"), world.opened()
    file = Path(dice.choice(lake.delta("clips").file_uris()))
    rows = pq.read_table(file, partitioning=None)
    lake.commit("clips", [lake.write("clips", file.parent.name.partition("=")[2], rows)], "planted", 1)
    return hit


@dataclass(frozen=True)
class Fault:
    """A fault, and where it can be."""

    strike: Callable[[World, random.Random], Hit]
    engines: tuple[str, ...] = ANY
    stores: tuple[str, ...] = STORES


FAULTS: Mapping[str, Fault] = {
    "driver": Fault(partial(killed, "driver")),
    "child": Fault(partial(killed, "child")),
    "any": Fault(partial(killed, "any")),
    "worker": Fault(partial(killed, "worker"), ("ray",)),
    "raylet": Fault(partial(killed, "raylet"), ("ray",)),
    "node": Fault(node, ("ray",)),
    "two": Fault(two),
    "clock": Fault(clock),
    "disk": Fault(disk, ("inline",), ("folder",)),
    "half": Fault(half, ANY, ("folder",)),
    "storm": Fault(storm, ANY, ("s3",)),
    "expired": Fault(expired, ANY, ("s3",)),
}
PLANTED: Mapping[str, Fault] = {"again": Fault(again, ("inline",), ("folder",))}
"""What no run may survive: whether the campaign sees it. Only drawn where it is named."""
