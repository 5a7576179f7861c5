"""From a caption that failed to one that a person made, by the commands, and out into the formats of others."""

import json
from itertools import count
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, update

from curate.film import FilmSpec, make_film
from curate.review.accounts import set_user
from curate.review.claim import claim as next_work
from curate.review.database import open_database, reading, writing
from curate.review.desk import Desk, Person, server_clock
from curate.review.policy import Policy
from curate.review.submit import submit
from curate.review.tables import ITEMS
from curate.review.wire import FACETS, ClaimWork, Draft, NewUser, Submitting, Work
from curate.storage.lake import open_lake
from tests.jobs.test_cli import retold

pytestmark = pytest.mark.integration

STRICT = ("--set", "check.min_coverage=1.1", "--engine", "inline")
"""Nothing passes."""
ADDED = "A person wrote this."


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("review")
    make_film(folder / "film.mp4", FilmSpec(seed=3, seconds=6, width=320, height=180))
    return str(folder / "lake")


def _decide(work: Work, desk: Desk, person: Person) -> None:
    """All is so; one statement is added."""
    footage = work.item.content.footage
    claims = [
        ClaimWork(
            claim_id=one.claim_id,
            status="right",
            facet=one.facet,
            start_us=one.start_us,
            end_us=one.end_us,
            text=one.text,
        )
        for one in work.item.content.claims
    ]
    claims.append(
        ClaimWork(
            claim_id="+1", status="added", facet="action", start_us=footage.start_us, end_us=footage.end_us, text=ADDED
        )
    )
    draft = Draft(claims=tuple(claims), whole_plays=1, facets=dict.fromkeys(FACETS, "covered"), active_ms=5000)
    submit(desk, person, work.item.item_id, Submitting(token=work.lease.token, draft=draft))


def _work_all(database: str) -> int:
    engine = open_database(database)
    set_user(engine, NewUser(name="ann", role="annotator"))
    slow = count(server_clock(), 20_000_000).__next__  # nobody judges a clip faster than it plays
    desk, ann, done = Desk(engine, Policy(second_look=0.0), slow), Person("ann", "annotator"), 0
    while (work := next_work(desk, ann)) is not None:
        _decide(work, desk, ann)
        done += 1
    engine.dispose()
    return done


def test_what_a_person_decides_is_what_is_trained_on(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    film = str(Path(lake).parent / "film.mp4")
    code, _, err = retold(capsys, "run", film, "--lake", lake, *STRICT)
    assert code == 0, err
    overlap = ("--set", "review.overlap_share=0")
    code, said, err = retold(capsys, "review", "fill", "--lake", lake, *STRICT, *overlap, "--json")
    assert code == 0, err
    filled = json.loads(said.splitlines()[-1])
    assert filled["added"] == filled["wanted"] > 0
    assert filled["unshown"] == 0
    database = f"sqlite:///{lake}-review.sqlite"
    assert _work_all(database) == filled["added"]
    _, said, _ = retold(capsys, "review", "collect", "--lake", lake, "--json")
    assert json.loads(said) == {"reviews": filled["added"]}
    code, _, err = retold(capsys, "run", "--lake", lake, *STRICT)
    assert code == 0, err
    opened = open_lake(lake, {})
    human = opened.scan("captions").filter(pl.col("captioner") == "human").collect()
    assert human.height == filled["added"]
    assert all(ADDED in dense for dense in human["dense"])
    verdicts = opened.scan("verdicts").filter(pl.col("caption_id").is_in(human["caption_id"].to_list())).collect()
    assert set(verdicts["status"]) == {"reviewed"}
    planned = opened.scan("plans").select(pl.col("caption_id").drop_nulls().unique()).collect()["caption_id"]
    assert set(planned) <= set(human["caption_id"])
    assert len(planned) > 0


def test_items_and_decisions_go_out_and_annotations_come_back(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(lake).parent / "out"
    tasks = folder / "tasks.json"
    code, _, err = retold(
        capsys, "review", "export", "labelstudio", str(tasks), "--lake", lake, *STRICT[:2],
        "--films", str(folder / "films"), "--address", "/films/{}",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(tasks.read_text())
    assert {(folder / task["data"]["video"].lstrip("/")).is_file() for task in found} == {True}
    assert (folder / "tasks.xml").read_text().startswith("<View>")
    engine = open_database(f"sqlite:///{lake}-review.sqlite")
    asked = ITEMS.c.item_id == found[0]["data"]["retold"]["item_id"]
    with writing(engine) as connection:  # as if nobody had decided on it here
        connection.execute(update(ITEMS).where(asked).values(state="open"))
    _, said, _ = retold(capsys, "review", "import", str(tasks), "--lake", lake, "--json")
    assert json.loads(said) == {"annotations": len(found), "reviews": 0, "withdrawn": 1}  # the lake has them already
    with reading(engine) as connection:
        assert connection.execute(select(ITEMS.c.state).where(asked)).scalar_one() == "withdrawn"
    engine.dispose()
    for task in found:  # as if each had been decided on there
        task["data"]["retold"]["item_id"] = f"other-{task['data']['retold']['item_id']}"
        for annotation in task["annotations"]:
            annotation["created_at"] = "2026-01-02T03:04:05Z"
            for result in annotation["result"]:
                result.pop("meta", None) if result["from_name"] == "decision" else None
    tasks.write_text(json.dumps(found))
    _, said, err = retold(capsys, "review", "import", str(tasks), "--lake", lake, "--json")
    assert json.loads(said) == {"annotations": len(found), "reviews": len(found), "withdrawn": 0}, err


def test_captions_go_out_as_subtitles_datasets_and_triples(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(lake).parent / "more"
    for format_, to in (("webvtt", "vtt"), ("huggingface", "dataset"), ("triples", "triples.jsonl")):
        code, said, err = retold(capsys, "review", "export", format_, str(folder / to), "--lake", lake, *STRICT[:2])
        assert code == 0, err
        assert "written" in said
    assert all(file.read_text().startswith("WEBVTT") for file in (folder / "vtt").iterdir())
    rows = pq.read_table(folder / "dataset" / "data").to_pylist()
    assert {row["origin"] for row in rows} == {"human"}
    assert all(row["reviewers"] != ["ann"] for row in rows)
    lines = [json.loads(line) for line in (folder / "triples.jsonl").read_text().splitlines()]
    assert lines
    assert all(ADDED in line["after"] and ADDED not in line["before"] for line in lines)


def test_what_is_not_there_is_named(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = retold(capsys, "review", "export", "srt", "x", "--lake", lake)
    assert code == 2
    assert "labelstudio, webvtt, triples, huggingface" in err.replace("\n", " ")
    code, _, err = retold(capsys, "review", "collect", "--lake", "s3://bucket/lake")
    assert code == 2
    assert "--database" in err
