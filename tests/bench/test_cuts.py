"""The benchmark of cuts: what counts as found, and the public annotation formats."""

from itertools import pairwise
from pathlib import Path

import pytest

from curate.errors import UsageError
from infra.bench.cuts.annotations import annotated, autoshot, clipshots, shots
from infra.bench.cuts.reel import Join, Reel
from infra.bench.cuts.score import Found, Tally
from infra.bench.cuts.spliced import SOURCES, TRANSITIONS, script

CUT, DISSOLVE, JUMP = Join("cut", 100, 100), Join("dissolve", 200, 220), Join("jump", 300, 300)


def tally(joins: tuple[Join, ...], found: list[Found], open_ended: tuple[tuple[int, int], ...] = ()) -> Tally:
    one = Tally()
    one.add(Reel(Path("a.mp4"), joins, open_ended), found)
    return one


@pytest.mark.parametrize(("at", "hits"), [(97, 0), (98, 1), (102, 1), (103, 0)])
def test_a_cut_is_found_to_two_frames(at: int, hits: int) -> None:
    one = tally((CUT,), [Found(at, at, "cut")])
    assert (one.hits["cut"], one.false) == (hits, 1 - hits)


@pytest.mark.parametrize(("at", "hits"), [(194, 0), (195, 1), (210, 1), (225, 1), (226, 0)])
def test_what_takes_frames_is_found_where_it_is_touched_but_for_five_frames(at: int, hits: int) -> None:
    assert tally((DISSOLVE,), [Found(at, at)]).hits["dissolve"] == hits


def test_a_long_boundary_is_no_cut() -> None:
    assert tally((CUT,), [Found(90, 110)]).hits["cut"] == 0


def test_one_boundary_is_one_join_and_the_closest() -> None:
    near = Join("cut", 103, 103)
    one = tally((CUT, near), [Found(102, 102, "cut")])
    assert sum(one.hits.values()) == 1
    twice = tally((CUT,), [Found(99, 99), Found(100, 100)])
    assert (twice.hits["cut"], twice.false) == (1, 1)


def test_what_is_false_counts_against_every_kind() -> None:
    one = tally((CUT, DISSOLVE, JUMP), [Found(100, 100), Found(201, 219, "dissolve"), Found(500, 500), Found(600, 600)])
    assert (one.recall(["cut"]), one.precision(["cut"]), one.f1(["cut"])) == (1.0, 1 / 3, 0.5)
    assert (one.recall(["jump"]), one.f1(["jump"])) == (0.0, 0.0)
    assert one.precision(["cut", "dissolve", "jump"]) == 0.5
    assert one.named == 1


def test_nothing_is_false_where_nobody_can_say() -> None:
    assert tally((CUT,), [Found(20, 60), Found(70, 70)], ((0, 50),)).false == 1


def test_clipshots_are_read() -> None:
    text = '{"a.mp4": {"transitions": [[311, 334], [502, 503]], "frame_num": 3561.0}, "b.mp4": {"transitions": []}}'
    assert clipshots(text) == {"a.mp4": (Join("gradual", 312, 334), Join("cut", 503, 503)), "b.mp4": ()}


def test_autoshot_is_read_with_its_slips_of_the_pen() -> None:
    text = "1.mp4 1499\n130,131\n722,57\n568,,569\n \n\n2.mp4  99\n2959.2960\n[476,484]\n179,180,\n"
    first, second = autoshot(text).values()
    assert first == (Join("cut", 131, 131), Join("cut", 569, 569))
    assert second == (Join("cut", 2960, 2960), Join("gradual", 477, 484), Join("cut", 180, 180))


def test_a_line_that_is_nothing_is_named() -> None:
    with pytest.raises(UsageError, match="12 apples"):
        autoshot("1.mp4 10\n12 apples\n")


def test_shots_of_rai_and_bbc_are_read() -> None:
    text = "0 99\n100 199\n221 300\n"
    assert shots(text) == (Join("cut", 100, 100), Join("gradual", 200, 221))
    assert shots(text, late=1) == (Join("cut", 101, 101), Join("gradual", 201, 222))


def test_a_folder_gives_the_videos_that_have_annotations(tmp_path: Path) -> None:
    for name in ("bbc_01.mp4", "3.mp4", "9.mp4", "clip.mp4", "short.mp4"):
        (tmp_path / name).touch()
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "01_From_Pole_to_Pole.txt").write_text("0 9\n10 20\n")
    (labels / "3_gt.txt").write_text("0 9\n10 20\n")
    (labels / "test.json").write_text('{"clip.mp4": {"transitions": [[4, 5]]}, "gone.mp4": {"transitions": []}}')
    (labels / "kuaishou_v2.txt").write_text("short.mp4 50\n7,8\n")
    joins = {reel.path.name: reel.joins for reel in annotated(tmp_path)}
    assert {name: one[0].start for name, one in joins.items()} == {
        "bbc_01.mp4": 11, "3.mp4": 10, "clip.mp4": 5, "short.mp4": 8,
    }  # fmt: skip


def test_a_folder_without_annotations_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(UsageError, match="1 videos"):
        annotated(tmp_path)


@pytest.mark.parametrize("seed", range(5))
def test_a_spliced_film_is_what_its_script_says(seed: int) -> None:
    pieces = script(seed, tuple(TRANSITIONS), 13, range(len(SOURCES)))
    assert len(pieces) == 13
    for before, piece in pairwise(pieces):
        _, first, last = SOURCES[piece.source]
        assert first <= piece.start_s <= piece.start_s + piece.frames / 25 <= last + 1e-6
        assert piece.transition in TRANSITIONS[piece.kind]
        assert (piece.taken > 0) == (piece.kind not in ("cut", "jump"))
        assert before.taken + piece.taken < before.frames
        same = piece.source == before.source
        assert same == (piece.kind == "jump")
