"""What all tests share."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.models.made", "tests.servers.postgresql", "tests.servers.s3", "tests.servers.vllm"]

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"


ALONE = frozenset(
    f"tests/{name}.py"
    for name in (
        "captioners/asking/test_real_server", "captioners/asking/test_revival", "captioners/asking/test_vllm",
        "envs/test_envs", "jobs/test_cabinet", "jobs/test_chaos", "jobs/test_embed", "jobs/test_encode",
        "jobs/test_isolation", "jobs/test_metrics", "jobs/test_models", "jobs/test_netns", "jobs/test_nodes",
        "jobs/test_quiz",
        "jobs/test_rate", "jobs/test_ray_engine", "jobs/test_see", "jobs/test_speech", "jobs/test_submit",
        "jobs/test_vllm_workers", "review/test_many", "servers/test_vllm",
    )
)  # fmt: skip
"""Files whose tests fill the machine (Ray, vLLM, crowds): they run one after another, whatever runs beside them."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """For several processes: the tests of one file share what it makes."""
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):
    """Gives a process whole files."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "alone" if file in ALONE else file


@pytest.fixture(scope="module", autouse=True)
def leaks() -> Iterator[None]:
    """What the tests of a file leave open is held against them, and not against those that come after."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def one_ray() -> Iterator[None]:
    """The Ray on the spot: whoever of a file needs it first starts it, and it ends with the file."""
    from jobs.ray_engine import RayEngine

    yield
    RayEngine().close()


@pytest.fixture(scope="session")
def models_python() -> Path:
    """The Python of .venv-models; a test that asks for it fails where it has not been made."""
    python = Path(__file__).resolve().parents[1] / ".venv-models" / "bin" / "python"
    if not python.is_file():
        pytest.fail("the environment of learned models is missing: make models")
    return python


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of real clips; a test that asks for it fails with the folder's name where it is missing."""
    if not (MEDIA / "good").is_dir():
        pytest.fail(f"real media are missing: put the clips of shared/media at {MEDIA}")
    return MEDIA
