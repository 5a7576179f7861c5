"""A model of diffusers or transformers out of a local folder, held against what is known of its family.

Weights are safetensors, code in a folder is not run, nothing is downloaded.
"""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from curate.encode.contract import Precision
from curate.encode.family import Config
from curate.errors import RecipeError

DTYPES: dict[Precision, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def loaded(folder: Path, library: str, class_name: str, expected: Config, compute: Precision, key: str) -> Any:
    """The model, on its device, ready to be used; RecipeError names each thing that is not as expected."""
    named = _class_in(folder, key)
    if named != class_name:
        raise RecipeError(f"{key}: {folder} holds a {named}, where a {class_name} is wanted")
    package = importlib.import_module(library)
    package.utils.logging.disable_progress_bar()
    options: dict[str, Any] = {"local_files_only": True, "use_safetensors": True, "output_loading_info": True}
    options |= {"dtype" if library == "transformers" else "torch_dtype": DTYPES[compute]}
    options |= {"low_cpu_mem_usage": False} if library == "diffusers" else {}
    try:
        model, said = getattr(package, class_name).from_pretrained(folder, **options)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: tensors of other shapes
        said = " ".join(str(error).split("\n")[:2])
        raise RecipeError(f"{key}: {folder} cannot be loaded: {said}") from error
    lost = sorted(said["missing_keys"]) + [str(one) for one in said["mismatched_keys"]]
    if lost:
        raise RecipeError(f"{key}: {folder} lacks {len(lost)} tensors of a {class_name}, {lost[0]} first")
    wrong = [*_differences(model.config, expected)]
    if wrong:
        raise RecipeError(f"{key}: the configuration in {folder} is of another model: {'; '.join(wrong)}")
    return model.to(device()).eval()


def _class_in(folder: Path, key: str) -> str:
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        return str(config["_class_name"] if "_class_name" in config else config["architectures"][0])
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise RecipeError(f"{key}: {folder} has no config.json that names the class of a model") from error


def _differences(config: Any, expected: Config) -> Iterator[str]:
    """`key` is this, not that."""
    for name, value in expected:
        found = getattr(config, name, None)
        if (tuple(found) if isinstance(found, list) else found) != value:
            yield f"{name} is {found!r}, not {value!r}"
