"""What parses input from outside: an example that is good, and what it may say of one that is not."""

import gzip
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from curate.errors import RecipeError, UsageError
from curate.fetch.add import Adding, sources_from
from curate.fetch.uri import normalise, source_id
from curate.review.labelstudio import decided_of, read_tasks, task_of, write_tasks
from curate.review.webvtt import read_vtt
from jobs.recipe import Recipe, build, load, render
from schemas.uri import shown_text
from tests.fetch.test_manifest import ROWS, csv_of, jsonl_of, parquet_of
from tests.fuzz.damage import damaged, deranged
from tests.review.made import new_item

RECIPES = Path(__file__).resolve().parents[2] / "infra" / "recipes"
VTT = "WEBVTT\n\nc#1|subject\n00:00:01.000 --> 00:00:02.500 align:start\n<v Ann>A cat &amp; a dog.</v>\n\nNOTE no\n"
URIS = "https://ann:secret@Example.org:443/%7Ea/b%2f?sig=1#x\ns3://bucket/a b//..\n/media/é.mp4\nfile:///a%00\n"


@dataclass(frozen=True, slots=True)
class Input:
    """One kind of input: how a bad one is made, what reads it, and which errors are an answer."""

    bad: Callable[[Random], bytes]
    read: Callable[[Path], object]  # a file with it
    errors: type[Exception]
    name: str = "file"


def _recipe_text(draw: Random) -> bytes:
    return damaged(draw.choice(sorted(RECIPES.glob("*.toml"))).read_bytes(), draw)


def _recipe_data(draw: Random) -> bytes:
    known = [render(Recipe()), *(tomllib.loads(path.read_text()) for path in sorted(RECIPES.glob("*.toml")))]
    return json.dumps(deranged(draw.choice(known), draw), default=repr).encode()


def _settings(draw: Random) -> bytes:
    known = [
        "split.min_us=500_000",
        "score.metrics=['motion']",
        "pick.bounds=[{metric='motion',at_least=1}]",
        "a.b.c=1",
    ]
    return damaged(draw.choice(known).encode(), draw)


def _tasks(draw: Random) -> bytes:
    whole = json.loads(write_tasks([task_of(new_item("a")), task_of(new_item("b", "blind"))]))
    if draw.random() < 0.3:
        return damaged(json.dumps(whole).encode(), draw)
    return json.dumps(deranged(whole, draw), default=repr).encode()


def _read_tasks(path: Path) -> None:
    for task in read_tasks(path.read_bytes()):
        _ = task.mode, task.content, task.annotations(), task.drafts(), task.predictions(), list(decided_of(task))


def _read_vtt(path: Path) -> None:
    text = path.read_text("utf-8", errors="replace")
    assert all(one.start_us < one.end_us for one in read_vtt(text, "captions") + read_vtt(text, "descriptions"))


def _read_uris(path: Path) -> None:
    for line in path.read_text("utf-8", errors="surrogateescape").split("\n"):
        uri = normalise(line, Path("/"))
        assert normalise(uri) == uri
        assert len(source_id(uri)) == 64
        shown_text(uri)


def _sources(path: Path) -> None:
    list(sources_from(str(path), Adding(0)))


def _manifest(name: str, good: bytes) -> Input:
    return Input(lambda draw: damaged(good, draw), _sources, UsageError, name)


INPUTS = {
    "recipe": Input(_recipe_text, load, RecipeError),
    "recipe as data": Input(_recipe_data, lambda path: build(json.loads(path.read_bytes())), RecipeError),
    "setting": Input(_settings, lambda path: build({}, [path.read_text("utf-8", errors="replace")]), RecipeError),
    "manifest csv": _manifest("m.csv", csv_of(ROWS)),
    "manifest tsv": _manifest("m.tsv", csv_of(ROWS, "\t")),
    "manifest csv.gz": _manifest("m.csv.gz", gzip.compress(csv_of(ROWS), mtime=0)),
    "manifest jsonl": _manifest("m.jsonl", jsonl_of(ROWS)),
    "manifest parquet": _manifest("m.parquet", parquet_of(ROWS)),
    "manifest txt": _manifest("m.txt", URIS.encode()),
    "Label Studio": Input(_tasks, _read_tasks, UsageError),
    "WebVTT": Input(lambda draw: damaged(VTT.encode(), draw), _read_vtt, UsageError),
    "URIs": Input(lambda draw: damaged(URIS.encode(), draw), _read_uris, UsageError),
}


def read(name: str, seed: int, folder: Path) -> bool:
    """Read one bad input; whether it was refused. Whatever is raised beyond what is expected is a bug."""
    kind = INPUTS[name]
    path = folder / kind.name
    path.write_bytes(kind.bad(Random(f"{name} {seed}")))  # noqa: S311  not for secrets
    try:
        kind.read(path)
    except kind.errors:
        return True
    return False
