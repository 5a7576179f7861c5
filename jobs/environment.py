"""The environment, read here and nowhere else."""

import os
from collections.abc import Iterable, Mapping

from curate.errors import UsageError

_S3 = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
)  # fmt: skip


def storage_options(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the S3 clients need to know; plain HTTP is allowed where the endpoint says http."""
    options = {name: environ[name] for name in _S3 if environ.get(name)}
    if "AWS_REGION" not in options:
        options["AWS_REGION"] = environ.get("AWS_DEFAULT_REGION", "us-east-1")
    if options.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        options["AWS_ALLOW_HTTP"] = "true"
    return options


def ray_address(environ: Mapping[str, str] = os.environ) -> str | None:
    """The cluster that a run joins; None: start Ray on the spot."""
    return environ.get("RAY_ADDRESS") or None


def cluster_address(given: str | None, environ: dict[str, str] | None = None) -> str | None:
    """Where jobs are submitted to: as given, else as Ray's own variables say.

    Ray's client lets the variables go first; what is given is put among them, so that it does not.
    """
    target = os.environ if environ is None else environ
    if given:
        target["RAY_API_SERVER_ADDRESS"] = given
    return target.get("RAY_API_SERVER_ADDRESS") or target.get("RAY_ADDRESS") or None


def named(names: Iterable[str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables by name; UsageError where one is not set."""
    names = tuple(names)
    if unset := [name for name in names if name not in environ]:
        raise UsageError(f"--env names what is not set here: {', '.join(unset)}")
    return {name: environ[name] for name in names}


def model_key(environ: Mapping[str, str] = os.environ) -> str | None:
    """The key that servers of models want; None: they want none."""
    return environ.get("RETOLD_MODEL_KEY") or None


def metrics_token(environ: Mapping[str, str] = os.environ) -> str | None:
    """The token for `/metrics` of the review server; None: it has no such page."""
    return environ.get("RETOLD_METRICS_TOKEN") or None


def no_telemetry(environ: dict[str, str] | None = None) -> None:
    """Keep libraries of this process and its workers from telling their makers of its work; onnxruntime's wheels do."""
    (os.environ if environ is None else environ).setdefault("ORT_DISABLE_TELEMETRY", "1")


def one_thread_each(environ: dict[str, str] | None = None) -> None:
    """Keep the numeric libraries of this process and its workers to a thread each: workers are the parallelism."""
    target = os.environ if environ is None else environ
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        target.setdefault(name, "1")
