"""Each format holds what it was given, in the layout that its readers read."""

import dataclasses
import json
import subprocess
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from curate.errors import UsageError
from curate.export import mds
from curate.export.exports import EXPORTS
from curate.export.format import Missed, Part
from curate.export.ltx2 import unfit, unfit_sound
from curate.export.pairs import TEMPLATES, prompts
from curate.export.sample import Sample, key_of
from curate.export.torch_file import TorchTensor, torch_file
from curate.storage.blobs import Blobs
from tests.export.reading import mds_rows, samples_of
from tests.export.samples import SETTINGS, sample, tensor, unit

PYTHON = Path(__file__).parents[2] / ".venv-models" / "bin" / "python"


def written(name: str, folder: Path, samples: list[Sample]) -> tuple[list[Part], list[Missed]]:
    """All files of an export of one unit, and what was missed."""
    out, missed, form = Blobs(str(folder)), list[Missed](), EXPORTS[name]
    parts = form.write(out, unit(), iter(samples), missed.append)
    for part in parts:
        assert (folder / part.path).stat().st_size == part.size_bytes
    return [*parts, *form.close(out, SETTINGS, parts)], missed


def test_webdataset_has_a_file_and_its_words_under_one_key(tmp_path: Path) -> None:
    samples = [sample(1), sample(2, still=True), sample(3, b"", captions=2)]
    written("webdataset", tmp_path, samples)
    found = samples_of(tmp_path / "cut-000000.tar")
    assert list(found) == [one.key for one in samples]
    assert [sorted(files) for files in found.values()] == [["json", "mp4"], ["json", "png"], ["json", "mp4"]]
    for one, files in zip(samples, found.values(), strict=True):
        assert one.file is not None
        assert files[one.file[0].suffix] == one.file[1]
    assert (tmp_path / "cut-000000.tar").stat().st_size % 10240 == 0


def test_times_are_those_of_the_file_and_addresses_open_no_door(tmp_path: Path) -> None:
    written("webdataset", tmp_path, [sample(1)])
    (files,) = samples_of(tmp_path / "cut-000000.tar").values()
    told = json.loads(files["json"])
    assert [(one["kind"], one["start_us"], one["end_us"]) for one in told["events"]] == [
        ("event", 0, 250_000), ("text", 1_000_000, 1_500_000),
    ]  # fmt: skip
    assert [(one["start_us"], one["end_us"]) for one in told["captions"][0]["claims"]] == [(500_000, 2_000_000)]
    assert told["sources"] == [
        {"uri": "https://host/f.mp4?token=…", "licence": "cc0", "provenance": "a walk", "title": "T"}
    ]


def test_a_key_has_no_dot_and_no_slash() -> None:
    assert key_of("abc/000000000000-000001000000") == "abc_000000000000-000001000000"
    assert "." not in key_of("a.b/c")


def test_mds_rows_come_back(tmp_path: Path) -> None:
    samples = [sample(n, captions=n % 2) for n in range(4)]
    written("mds", tmp_path, samples)
    rows = list(mds_rows(tmp_path))
    assert [row["media"] for row in rows] == [one.file[1] for one in samples if one.file]
    assert [row["dense"] for row in rows] == [one.captions[0].dense if one.captions else "" for one in samples]


def test_mds_leaves_an_empty_shard_out_of_its_index(tmp_path: Path) -> None:
    written("mds", tmp_path, [])
    assert json.loads((tmp_path / "index.json").read_text()) == {"version": 2, "shards": []}


def test_a_shard_that_mds_cannot_number_is_refused() -> None:
    with pytest.raises(UsageError, match="fewer clips in a shard"):
        mds.head([2**31, 2**31])


def test_hugging_face_features_are_named_in_the_schema(tmp_path: Path) -> None:
    written("huggingface", tmp_path, [sample(1), sample(2, still=True), sample(3, captions=0)])
    table = pq.read_table(tmp_path / "data" / "train-00000-of-00001.parquet")
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features == {"video": {"_type": "Video"}, "image": {"_type": "Image"}}
    rows = table.to_pylist()
    assert [row["video"] is None for row in rows] == [False, True, False]
    assert rows[0]["tags"] == ["video", "ball", "n1", "blue"]
    assert rows[2]["dense"] is None
    card = (tmp_path / "README.md").read_text()
    assert card.startswith('---\npretty_name: "A cut"\nlicense: "cc0-1.0"')
    assert "path: data/train-*.parquet" in card


def test_prompts_are_drawn_by_the_caption_alone(tmp_path: Path) -> None:
    caption = sample(5).captions[0]
    drawn = prompts(caption, "video", SETTINGS)
    assert drawn == prompts(caption, "video", SETTINGS)
    assert len({prompt for _, prompt in drawn}) == len(drawn) == SETTINGS.prompts
    others = [prompts(sample(n).captions[0], "video", SETTINGS)[0][0] for n in range(200)]
    assert set(others) >= set(list(TEMPLATES)[:3])
    assert drawn != prompts(caption, "video", dataclasses.replace(SETTINGS, seed=8, prompts=2))


def test_every_template_makes_a_prompt_that_is_shorter_than_the_prose() -> None:
    caption = dataclasses.replace(sample(5).captions[0], dense="long " * 50)
    made = dict(prompts(caption, "image", dataclasses.replace(SETTINGS, prompts=99)))
    assert made == {
        "sentence": "A ball number 5 moves right.",
        "lower": "a ball number 5 moves right",
        "asked": "make an image: a ball number 5 moves right",
        "all": "A ball number 5 moves right. With a knock.",
        "words": "ball, n5, blue",
        "few_words": "ball n5 blue",
        "kind_of_words": "image with ball, n5, blue",
        "sentence_and_words": "a ball number 5 moves right, ball, n5, blue",
    }
    assert prompts(dataclasses.replace(caption, short="", tags=("video",)), "video", SETTINGS) == []


def test_a_clip_without_a_pair_is_told(tmp_path: Path) -> None:
    _, missed = written("pairs", tmp_path, [sample(1), sample(2, captions=0)])
    assert [(one.clip_id, one.kind) for one in missed] == [(sample(2).clip.clip_id, "no_pair")]


def test_ltx2_lies_side_by_side_by_name_and_words_lead_to_conditions(tmp_path: Path) -> None:
    picture, sound = tensor((128, 2, 2, 3)), tensor((8, 50, 16))
    samples = [
        dataclasses.replace(sample(1), picture=picture, audio=sound), dataclasses.replace(sample(2), picture=picture),
        sample(3), dataclasses.replace(sample(4), picture=picture, audio=tensor((80, 50))),
    ]  # fmt: skip
    _, missed = written("ltx2", tmp_path, samples)
    keys = [one.key for one in samples]
    latents = sorted(path.relative_to(tmp_path / "latents") for path in (tmp_path / "latents").glob("**/*.pt"))
    assert [str(path) for path in latents] == [f"000000/{keys[n]}.pt" for n in (0, 1, 3)]
    assert [path.name for path in (tmp_path / "audio_latents").glob("**/*.pt")] == [f"{keys[0]}.pt"]
    assert [(one.clip_id, one.kind) for one in missed] == [
        (samples[2].clip.clip_id, "no_latent"), (samples[3].clip.clip_id, "no_audio_latent"),
    ]  # fmt: skip
    lines = [json.loads(line) for line in (tmp_path / "captions" / "cut-000000.jsonl").read_text().splitlines()]
    assert [line["media_path"] for line in lines] == [str(path) for path in latents]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"channels": 16}, "has 16 channels"),
        ({"normalisation": None}, "normalised means"),
        ({"normalisation": {"applied": False}}, "normalised means"),
        ({"posterior": "mean, log-variance"}, "normalised means"),
    ],
)
def test_a_latent_of_another_kind_is_refused_by_name(told: dict[str, object], why: str) -> None:
    assert unfit(tensor((128, 2, 2, 3))) is None
    assert why in str(unfit(tensor((128, 2, 2, 3), **told)))
    assert unfit(None) is not None
    assert unfit_sound(None) is None


@pytest.mark.models
@pytest.mark.parametrize("dtype", ["float16", "float32", "bfloat16"])
def test_torch_reads_what_was_written_without_it(dtype: str, tmp_path: Path) -> None:
    made = tensor((128, 2, 3, 5), dtype)
    values: dict[str, TorchTensor | int | float] = {
        "latents": TorchTensor(dtype, (128, 2, 3, 5), made.body),  # type: ignore[arg-type]  # one of them
        "num_frames": 300, "small": -1, "fps": 23.976, "mask": TorchTensor("bool", (2, 2), b"\x01\x00\x00\x01"),
    }  # fmt: skip
    (tmp_path / "one.pt").write_bytes(torch_file(values))
    program = """
import sys, torch
read = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
torch.load(sys.argv[1], mmap=True, weights_only=True)
assert list(read) == ["latents", "num_frames", "small", "fps", "mask"], list(read)
assert (read["num_frames"], read["small"], read["fps"]) == (300, -1, 23.976)
assert read["mask"].tolist() == [[True, False], [False, True]]
assert read["latents"].is_contiguous() and tuple(read["latents"].shape) == (128, 2, 3, 5)
print(read["latents"].dtype)
open(sys.argv[2], "wb").write(read["latents"].view(torch.uint8).numpy().tobytes())
"""
    done = subprocess.run(
        [PYTHON, "-c", program, tmp_path / "one.pt", tmp_path / "back"], check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == f"torch.{dtype}"
    assert (tmp_path / "back").read_bytes() == made.body


def test_a_tensor_has_as_many_bytes_as_its_shape_says() -> None:
    with pytest.raises(ValueError, match="has not 7 bytes"):
        TorchTensor("float16", (2, 2), bytes(7))
    assert np.frombuffer(tensor((2, 3), "float32").body, np.float32).shape == (6,)
