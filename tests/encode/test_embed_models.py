"""Encoders of text with random weights, through the real loading code: T5, UMT5, CLIP and a decoder."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.models.made import ROOT

pytestmark = [pytest.mark.models, pytest.mark.integration, pytest.mark.timeout(1800)]  # torch is slow to import

ROUNDING = 1e-5


@pytest.fixture(scope="module")
def facts(models_python: Path, tiny_texts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    own = shutil.copytree(tiny_texts, tmp_path_factory.mktemp("texts"), dirs_exist_ok=True)  # it spoils some
    run = subprocess.run(
        [models_python, "-W", "ignore", "-m", "tests.encode.embedded", own],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("name", ["t5", "umt5", "clip", "qwen"])
def test_it_gives_what_the_library_gives_by_hand(facts: dict[str, Any], name: str) -> None:
    agreement = facts["agreement"][name]
    assert set(agreement) >= {"last", "penultimate"}
    assert all(0 <= apart < ROUNDING for apart in agreement.values())


def test_of_a_model_that_does_more_the_part_that_reads_text_is_used(facts: dict[str, Any]) -> None:
    assert facts["agreement"]["parts"] == {"clip": pytest.approx(0, abs=ROUNDING), "t5-whole": 32, "clip-text": 32}


@pytest.mark.parametrize("name", ["t5", "umt5", "clip", "qwen"])
def test_a_text_among_others_is_as_it_is_alone(facts: dict[str, Any], name: str) -> None:
    assert 0 <= facts["batches"][name] < ROUNDING


@pytest.mark.parametrize(("name", "most", "marks"), [("t5", 64, 1), ("clip", 32, 2), ("qwen", 64, 0)])
def test_tensors_have_the_length_of_their_text_and_what_is_cut_off_is_counted(
    facts: dict[str, Any], name: str, most: int, marks: int
) -> None:
    lengths = facts["lengths"]
    tokens, shapes, truncated = (lengths[key][name] for key in ("tokens", "shapes", "truncated"))
    assert [shape[0] for shape in shapes] == tokens
    assert tokens[2] == max(1, marks)  # the empty text: its marks, or the token of padding
    assert tokens[4] == most
    assert truncated == [0, 0, 0, 0, lengths["whole"][name] - most]


def test_the_beginning_of_a_template_is_read_and_not_stored(facts: dict[str, Any]) -> None:
    for tokens, length, channels in facts["lengths"]["framed"]:
        assert (length, channels) == (tokens - 3, 32)


def test_the_stage_gives_the_same_again_and_one_by_one(facts: dict[str, Any]) -> None:
    work = facts["work"]
    assert work["again"]
    assert work["keys_alone"]
    assert work["alone"] < 0.02  # bfloat16: the last bit may differ
    assert 0 < work["rounded"] < 0.02
    assert [row["shape"][0] * 32 * 2 for row in work["rows"]] == work["sizes"]


def test_the_contract_covers_all_that_changes_a_tensor(facts: dict[str, Any]) -> None:
    first, *others, moved = facts["work"]["contracts"]
    assert moved == first
    assert len({first, *others}) == len(others) + 1


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("hash", "the sha256 of"), ("nothing", "cannot be loaded"), ("tokenizer", "no tokenizer"),
        ("long", "reads 32 at most, not 77"), ("pooled", "no pooled vector"), ("nan", "NaN or infinity for 'A dog'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(facts: dict[str, Any], case: str, said: str) -> None:
    assert said in facts["refusals"][case]
