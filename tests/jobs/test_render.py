"""`retold render`: stored captions in the formats of trainers."""

import json
import re
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from captioners.record import Absences
from captioners.render import dense
from captioners.retelling import Making, caption
from curate.storage.lake import open_lake
from jobs.recipe import Recipe
from jobs.road import fingerprints, road
from tests.captioners.test_record import full
from tests.jobs.test_cli import retold
from tests.reader.world import traced

CLIP = f"{'ab' * 32}/000001000000-000005000000"


@pytest.fixture
def lake(tmp_path: Path) -> str:
    """A lake with two captions of the recipe, and one of another."""
    made = open_lake(str(tmp_path / "lake"), {})
    made.create()
    ours = fingerprints(road(Recipe()))["captions"]
    other = full().model_copy(update={"speech": (), "absences": Absences()})
    rows = [caption(CLIP, full(), Making("test")), caption(CLIP.replace("0005", "0006"), other, Making("test"))]
    traced(made, "captions", rows, ours)
    traced(made, "captions", [caption(CLIP, other, Making("old"))], "0" * 12, 2)
    return made.uri


@pytest.fixture
def words(tmp_path: Path) -> str:
    made = Tokenizer(models.WordLevel({"?": 0}, "?"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.save(str(tmp_path / "words.json"))
    return str(tmp_path / "words.json")


def test_every_caption_of_the_recipe_is_told_in_the_format(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = retold(capsys, "render", "--lake", lake, "--format", "ovi", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(line["clip_id"], line["captioner"], line["format"]) for line in lines] == [
        (CLIP, "test", "ovi"), (CLIP.replace("0005", "0006"), "test", "ovi"),
    ]  # fmt: skip
    assert "<S>Hallo<E>" in lines[0]["text"]
    assert "<S>" not in lines[1]["text"]
    _, out, _ = retold(capsys, "render", "--lake", lake)
    assert dense(full()).splitlines()[0] in out


def test_lengths_and_absences_are_options(lake: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("render", "--lake", lake, "--format", "ltx2", "--tokenizer", words)
    code, out, _ = retold(capsys, *options, "--tokens", "40", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line["tokens"] for line in lines] == [len(line["text"].split()) for line in lines]
    assert max(line["tokens"] for line in lines) <= 40
    _, said, _ = retold(capsys, "render", "--lake", lake, "--format", "ltx2")
    _, left, _ = retold(capsys, "render", "--lake", lake, "--format", "ltx2", "--absences", "leave-out")
    assert "There is no music." in said
    assert "There is no music." not in left


def test_what_cannot_be_so_short_is_named_and_the_rest_is_told(
    lake: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = retold(capsys, "render", "--lake", lake, "--format", "tags", "--tokenizer", words, "--tokens", "1")
    assert code == 0, err
    assert "video" in out
    code, _, err = retold(capsys, "render", "--lake", lake, "--format", "ltx2", "--tokenizer", words, "--tokens", "3")
    assert code == 1
    assert re.search(rf"{CLIP} \(test\): the shortest whole text has \d+ tokens, more than 3: 'There is one woman", err)
    assert "2 caption(s) have no ltx2 text of 3 tokens or less" in err


def test_wrong_options_are_sentences(lake: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in (
        (("--format", "ltx"), "no rendering is called 'ltx'"),
        (("--tokens", "9"), "--tokens and --tokenizer go together"),
        (("--tokens", "0", "--tokenizer", words), "a length is 1 token or more"),
        (("nonesuch",), "no clip of this recipe matches 'nonesuch'"),
    ):
        code, _, err = retold(capsys, "render", *arguments, "--lake", lake)
        assert code == 2
        assert said in err
