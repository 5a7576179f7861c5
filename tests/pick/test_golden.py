"""Near-duplicates among copies that ffmpeg makes of real clips."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from curate.media.facts import read_facts
from curate.media.file import LocalFile, MediaFile
from curate.pick.cut import pick
from curate.pick.policy import Policy
from curate.scan.stage import Scan
from curate.score.clip_strip import ClipStrip
from curate.score.stage import ScoreClip
from curate.split.media_strip import MediaStrip
from curate.split.stage import Split
from schemas.media import Media, Source
from tests.pick.corpus import Rows
from tests.pick.test_cut import ANY, rows

COPIES = {
    "small, with bars": ("-vf", "scale=320:-2,pad=iw:ih+60:0:30", "-crf", "38"),
    "trimmed and faster": ("-ss", "1.3", "-t", "6.5", "-vf", "setpts=PTS/1.25"),
    "mirrored, with a logo": ("-vf", "hflip,drawbox=x=iw*0.82:y=ih*0.06:w=iw*0.13:h=ih*0.12:color=red:t=fill"),
    "brighter": ("-vf", "eq=brightness=0.08:contrast=1.1"),
}


def scored(corpus: Rows, path: Path, evaluation: str | None = None) -> str:
    """Scan, split and score one file of one shot into the corpus; its media id."""
    file = LocalFile(str(path), 0, path.stat().st_size)
    media_id = hashlib.sha256(path.read_bytes()).hexdigest()
    media: Media = read_facts(file).media(media_id, path.name, file.size)
    (scanned,) = Scan().open()([MediaFile(media, file)])
    (split,) = Split().open()([MediaStrip(media, scanned.rows[0])])
    assert len(split.rows) == 1
    parts = [ClipStrip(clip, media, scanned.rows[0]) for clip in split.rows]
    corpus.sources.append(
        Source(path.name, f"file:///{path.name}", None, None, None, None, False, 0, evaluation=evaluation)
    )
    corpus.media.append(media)
    corpus.clips += split.rows
    for part in parts:
        corpus.scores += next(iter(ScoreClip(metrics=("duplicate", "sharpness")).open()([part]))).rows
    return media_id


@pytest.fixture(scope="module")
def copied(media: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A clip, its copies, and another one that is not like them."""
    if shutil.which("ffmpeg") is None:
        pytest.fail("ffmpeg is not installed: apt-get install --no-install-recommends ffmpeg")
    original = media / "good" / "sam2_dog_720p.mp4"
    folder = tmp_path_factory.mktemp("copies")
    paths = [original, media / "good" / "sam2_bedroom_540p.mp4"]
    for name, options in COPIES.items():
        out = folder / f"{name}.mp4"
        encoder = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
        command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(original), "-an", *encoder, *options, str(out)]
        subprocess.run(command, check=True)
        paths.append(out)
    return paths


@pytest.mark.golden
def test_of_a_clip_and_its_copies_one_is_kept(copied: list[Path]) -> None:
    corpus = Rows()
    original, other, *copies = (scored(corpus, path) for path in copied)
    found = {row.clip_id.split("/")[0]: row for row in rows(pick(corpus.corpus(), no_latents())).values()}
    groups = {found[media_id].group for media_id in (original, *copies)}
    assert len(groups) == 1
    assert None not in groups
    assert sum(row.kept for row in found.values()) == 2
    assert found[other].kept
    assert found[copies[0]].reason == "duplicate: smaller picture"


@pytest.mark.golden
def test_copies_of_an_evaluation_clip_are_never_kept(copied: list[Path]) -> None:
    corpus = Rows()
    scored(corpus, copied[0], evaluation="bench")
    for path in copied[1:]:
        scored(corpus, path)
    cut = pick(corpus.corpus(), no_latents())
    assert cut.dropped() == {"resembles evaluation set bench": len(COPIES), "in evaluation set bench": 1}
    assert cut.kept == 1


def no_latents() -> Policy:
    return Policy(statuses=ANY.statuses, encoder=None)
