"""Films of known truth, real clips, and their strips as `scan` measures them: made once for all tests."""

import hashlib
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from curate.film import FilmSpec, make_film
from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from curate.scan.stage import Scan
from schemas.media import Media
from schemas.strip import Strip
from schemas.truth import Film


@dataclass(frozen=True, slots=True)
class Scanned:
    """A media and its strip."""

    media: Media
    strip: Strip


@cache
def scanned(path: Path) -> Scanned:
    """One file, measured."""
    body = path.read_bytes()
    file = LocalFile(str(path), 0, len(body))
    media = read_facts(file).media(hashlib.sha256(body).hexdigest(), "s" * 64, len(body))
    (outcome,) = Scan().open()([MediaFile(media, file)])
    assert outcome.failure is None, outcome.failure
    return Scanned(media, outcome.rows[0])


@cache
def film(seed: int, vfr: bool = False, wipes_and_jumps: bool = False) -> tuple[Scanned, Film]:
    """Half a minute of film with flashes, and its truth."""
    spec = FilmSpec(seed=seed, seconds=30.0, width=320, height=180, flashes=True, vfr=vfr, speech=False)
    spec = replace(spec, wipes=wipes_and_jumps, jumps=wipes_and_jumps)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        truth = make_film(path, spec)
        return scanned(path), truth
