"""One small film, made once."""

from pathlib import Path

import pytest

from curate.film import FilmSpec, make_film
from schemas.truth import Film

SMALL = FilmSpec(seed=1, seconds=8, width=320, height=180)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Film]:
    out = tmp_path_factory.mktemp("film") / "small.mp4"
    return out, make_film(out, SMALL)
