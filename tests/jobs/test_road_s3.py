"""The whole road on S3 by nothing but the URI, and the same tables as on a folder."""

from pathlib import Path

import numpy as np
import pytest

from curate.film import FilmSpec, make_film
from curate.reader import Lake as Read
from curate.reader import Loader
from curate.storage.lake import open_lake
from jobs.environment import storage_options
from jobs.recipe import build
from jobs.session import job_names, open_session
from jobs.show import JsonLines
from tests.jobs.lakes import differences, doubled
from tests.servers.s3 import S3

pytestmark = pytest.mark.integration


def test_a_lake_on_s3_is_the_lake_on_a_folder(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    film = tmp_path / "film.mp4"
    make_film(film, FilmSpec(seed=5, seconds=5, width=320, height=180))
    s3.client().upload_file(str(film), s3.bucket, "raw/film.mp4")
    uris = (str(tmp_path / "lake"), f"s3://{s3.bucket}/road/lake")
    recipe = build({}, ["plan.samples_per_step=2"])
    for uri in uris:
        session = open_session(uri, recipe, "inline", JsonLines())
        assert session.add([f"s3://{s3.bucket}/raw/film.mp4"]) == 1
        progress = session.run(job_names(recipe))
        assert [p.failed for p in progress] == [0] * len(progress)
        assert progress[-1].rows_out
    capsys.readouterr()
    here, there = (open_lake(uri, storage_options()) for uri in uris)
    assert not differences(here, there)
    assert not doubled(there)
    local, remote = Loader(Read(uris[0])), Loader(Read(uris[1], s3.options))
    for one, other in zip(local, remote, strict=True):
        assert one.clip_ids == other.clip_ids
        assert one.captions == other.captions
        assert np.array_equal(np.asarray(one.latents), np.asarray(other.latents))
