"""Two captioners of one lake: which of them answers more of the same questions."""

from pathlib import Path

import av
import numpy as np
import pytest

from curate.errors import UsageError
from jobs.cli import main
from jobs.comparison import comparison, table
from jobs.recipe import Recipe, build
from jobs.session import Session, open_session
from jobs.show import JsonLines

JOBS = ["fetch", "scan", "split", "score", "listen", "read", "caption", "check"]
FULL, SPARE = build({}), build({"caption": {"colours": 1}})


SEER = {"profile": "qwen3-vl-2b", "model": {"server": {"model": "a", "revision": "1"}}}
RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (20, 120, 30)
Colour = tuple[int, int, int]


def halves(path: Path, left: Colour, right: Colour) -> Path:
    """Two seconds of a picture in two colours."""
    picture = np.empty((48, 64, 3), np.uint8)
    picture[:, :32], picture[:, 32:] = left, right
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(20):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("compare")
    opened = open_session(str(folder / "lake"), FULL, "inline", JsonLines())
    for index, colours in enumerate(((RED, BLUE), (BLUE, GREEN), (GREEN, RED))):
        opened.add([str(halves(folder / f"{index}.avi", *colours))])
    for recipe in (FULL, SPARE):
        open_session(str(folder / "lake"), recipe, "inline", JsonLines()).run(JOBS)
    return opened


def test_the_captioner_that_leaves_colours_out_is_wrong_about_them(told: Session) -> None:
    found = comparison(told.lake, FULL, SPARE)
    assert (found.clips, found.only_first, found.only_second) == (3, 0, 0)
    whole = next(one for one in found.differences if (one.axis, one.measure) == ("all", "accuracy"))
    assert whole.first is not None and whole.second is not None and whole.second < whole.first
    assert (whole.low, whole.better) == (None, None)  # three films are too few to say so
    assert table(found, "full.toml", "spare.toml").row_count == len(found.differences)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (FULL, "nothing to compare"),
        (build({"read": {"rate_hz": 1.0}}), "not asked the same questions: texts differ"),
        (build({"check": {"min_coverage": 0.1}}), r"\[check\] differs"),
        (build({"quiz": SEER}), "not asked the same questions: questions differ"),
        (build({"witness": SEER}), r"\[witness\] differs"),
        (build({"caption": {"colours": 2}}), "no verdicts of the second recipe"),
    ],
)
def test_what_cannot_be_compared_is_said(told: Session, other: Recipe, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        comparison(told.lake, FULL, other)


def test_the_command_prints_a_line_for_each_measure(
    told: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.toml").write_text("")
    (tmp_path / "b.toml").write_text("[caption]\ncolours = 1\n")
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(tmp_path / "a.toml"), str(tmp_path / "b.toml"), "--lake", told.lake.uri])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "3 clips of both" in said and "contradiction" in said
