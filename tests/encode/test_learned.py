"""Encoders with weights, through the real loading code: tiny models of each family, with random weights."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from curate.encode.family import PICTURES, SOUNDS

ROOT = Path(__file__).resolve().parents[2]
WITH_TIME = [name for name, family in PICTURES.items() if family.frame_step]

pytestmark = [pytest.mark.models, pytest.mark.integration, pytest.mark.timeout(1800)]  # torch is slow to import

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def facts(models_python: Path, tiny_encoders: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    own = shutil.copytree(tiny_encoders, tmp_path_factory.mktemp("encoders"), dirs_exist_ok=True)  # it spoils some
    run = subprocess.run(
        [models_python, "-W", "ignore", "-m", "tests.encode.learned", own, tmp_path_factory.mktemp("media")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    found: Facts = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_goes_in_and_comes_back_in_the_shapes_of_its_row(facts: Facts, name: str) -> None:
    family, found = PICTURES[name], facts["pictures"][name]
    steps = 1 + 2 * family.frame_step // family.time_stride
    cells = [32 // family.space_stride, 64 // family.space_stride]
    assert found["latents"] == [2, family.channels, steps, *cells]
    assert found["decoded"] == [2, found["frames"], 32, 64, 3]
    assert found["one_decoded"] == [2, 1, 32, 64, 3]
    assert found["bytes"] == found["bytes_expected"]


@pytest.mark.parametrize("name", PICTURES)
def test_the_contract_says_what_the_folder_says(facts: Facts, name: str) -> None:
    family, spec = PICTURES[name], facts["pictures"][name]["spec"]
    constants = spec["normalisation"]
    assert spec["id"] == name
    assert len(spec["weights_hash"]) == 64
    assert (spec["channels"], spec["time_stride"], spec["tiling"]) == (family.channels, family.time_stride, None)
    assert constants["applied"]
    by_channel = family.channels * (16 if name == "cosmos-1.0" else 1)
    assert len(constants["scale"]) == len(constants["shift"]) == (1 if family.constants == "scale" else by_channel)
    assert spec["posterior"] == ("exact" if name == "cosmos-1.0" else "mean")


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_frames_give_the_same_tensor_alone_or_in_a_batch(facts: Facts, name: str) -> None:
    assert facts["pictures"][name]["again"] == 0
    assert facts["pictures"][name]["single"] < 1e-3


@pytest.mark.parametrize("name", [name for name in WITH_TIME if name != "hunyuan-video"])
def test_groups_of_frames_may_follow_each_other(facts: Facts, name: str) -> None:
    assert facts["pictures"][name]["prefix"] < 1e-3


@pytest.mark.parametrize("name", WITH_TIME)
def test_an_encoder_is_as_causal_as_its_row_says(facts: Facts, name: str) -> None:
    assert (facts["pictures"][name]["first"] < 1e-3) == PICTURES[name].causal


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_goes_in_and_comes_back_in_the_shapes_of_its_row(facts: Facts, name: str) -> None:
    family, found = SOUNDS[name], facts["sounds"][name]
    assert found["latents"] == [2, family.channels, 21]
    assert found["decoded"] == found["samples"]
    assert found["bytes"] == found["bytes_expected"]
    assert found["steps_us"][:2] == [0, round(family.hop * 1e6 / family.rate_hz)]
    assert found["again"] == 0
    assert found["single"] < 1e-3
    assert (found["prefix"] < 1e-3) == family.causal


@pytest.mark.parametrize("name", [name for name, family in SOUNDS.items() if family.codes])
def test_codes_are_whole_and_within_the_codebook(facts: Facts, name: str) -> None:
    least, most, kinds = facts["sounds"][name]["range"]
    assert 0 <= least < most < 1024
    assert kinds > 5
    assert facts["sounds"][name]["spec"]["dtype"] == "int16"


@pytest.mark.parametrize("name", ["wan-2.1", "ltx-video", "flux", "cosmos-1.0"])
def test_values_are_those_of_the_library_s_own_pipelines(facts: Facts, name: str) -> None:
    assert facts["by_hand"][name] < 1e-5


def test_raw_latents_and_variances_are_what_their_contract_says(facts: Facts) -> None:
    found = facts["options"]
    assert max(found["raw"], found["mean"], found["log_variance"]) < 1e-5
    assert found["both"] == [32, "mean, log-variance", [1, 32, 3, 4, 8]]
    assert max(found["decoded_same"], found["raw_decoded_same"]) < 0.1, "a grey level, where rounding falls otherwise"


def test_tiling_is_other_latents_and_says_so(facts: Facts) -> None:
    assert facts["options"]["tiling"].startswith("tile_sample_min_height=256, tile_sample_min_width=256")
    assert facts["options"]["tiled"] > 0.01
    assert 1e-4 < facts["options"]["bfloat16"] < 0.1


def test_what_storing_loses_is_measured(facts: Facts) -> None:
    loss = facts["options"]["loss_db"]
    assert loss["float16"] > 65
    assert loss["bfloat16"] > 48
    assert loss["int8"] > 35


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("hash", "encode.picture_model: the sha256 of "),
        ("folder", "no weights are downloaded"),
        ("class", "holds a AutoencoderKL, where a AutoencoderKLWan is wanted"),
        ("sibling", "z_dim is 48, not 16; scale_factor_spatial is 16, not 8"),
        ("scale", "scaling_factor is 0.7, not 1.15258426"),
        ("still", "shift_factor is 0.1159, not 0.0609"),
        ("channels", "cannot be loaded"),
        ("tensor", "lacks 1 tensors of a AutoencoderKLWan, quant_conv.weight first"),
        ("constants", "16 means and 15 deviations"),
        ("no_model", "no config.json that names the class"),
        ("float16", "overflows in float16"),
        ("log_variance", "cosmos-1.0 gives no distribution"),
        ("tiled", "tiling changes nothing in cosmos-1.0"),
        ("long", "constants for 16 latent frames, not for 17"),
        ("sound", "holds a EncodecModel, where a DacModel is wanted"),
        ("codes", "dac-44khz gives codes"),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(facts: Facts, case: str, said: str) -> None:
    assert said in facts["refusals"][case]


def test_clips_of_a_file_are_encoded_with_their_sound(facts: Facts) -> None:
    outcomes = {one["id"]: one for one in facts["work"]["outcomes"]}
    assert len(outcomes) == 4
    gone = outcomes.pop("gone")
    assert gone["failure"] is not None
    assert not gone["rows"]
    for one in outcomes.values():
        picture, sound = one["rows"]
        assert picture["encoder"] == "wan-2.1"
        assert picture["dtype"] == "int8"
        assert (
            picture["bytes"]
            == 64 + picture["shape"][0] * picture["shape"][1] * picture["shape"][2] * picture["shape"][3]
        )
        assert len(picture["step_us"]) == picture["shape"][1]
        assert picture["psnr_db"] > 0
        assert (sound["encoder"], sound["dtype"], sound["shape"][0]) == ("oobleck", "bfloat16", 64)
        assert (sound["start_us"], sound["end_us"]) == (picture["start_us"], picture["end_us"])
        assert len(sound["step_us"]) == sound["shape"][1]
        assert json.loads(sound["contract"])["input"] == "stereo"
    assert {picture["bucket"] for one in outcomes.values() for picture in one["rows"]} == {"17x32x64", "5x32x64"}


def test_a_second_run_gives_the_same_bytes_and_clips_alone_the_same_values(facts: Facts) -> None:
    assert facts["work"]["again"]
    assert max(facts["work"]["single"]) < 0.05, "a step of int8"


def test_a_shard_that_is_not_what_it_should_be_stops_the_job(facts: Facts) -> None:
    work = facts["work"]
    assert "wan-2.1 in float32 gives NaN or infinity for " in work["nan"]
    assert "the latents of the shard of 2 clips" in work["drift"]
    assert "comes back with a PSNR of" in work["unlike"]


def test_an_encoder_of_stills_gives_nothing_for_a_video(facts: Facts) -> None:
    (one,) = facts["work"]["videos_of_stills"]
    assert (one["failure"], one["rows"]) == (None, [])
