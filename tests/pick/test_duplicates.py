import json

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from curate.pick.duplicates import components, groups, likenesses
from curate.pick.fingerprints import MIRROR, Fingerprints, fingerprints
from curate.pick.neighbours import orders, permuted
from curate.pick.policy import Duplicates


def prints(clips: dict[str, list[int]]) -> Fingerprints:
    texts = [[f"{h:016x}" for h in frames] for frames in clips.values()]
    details = [json.dumps({"frames": frames, "ms": [500] * len(frames)}) for frames in texts]
    schema = {"clip_id": pl.String, "metric": pl.String, "detail": pl.String}
    return fingerprints(pl.LazyFrame([list(clips), ["duplicate"] * len(clips), details], schema))


def kept(clips: dict[str, list[int]], rule: Duplicates | None = None, best: str = "") -> dict[str, str | None]:
    """Clip to the one that is kept for it; those whose id begins with `best` are the best, then the first ids."""
    order = sorted(clips, key=lambda key: (not key.startswith(best), key))
    ranking = pl.DataFrame({"clip_id": order}, schema={"clip_id": pl.String}).with_row_index("rank")
    rule = rule or Duplicates()
    found = groups(likenesses(prints(clips), rule), ranking, rule)
    return dict(found.select("clip_id", "group").iter_rows())


def noise(seed: int, frames: int) -> list[int]:
    return [int(h) for h in np.random.default_rng(seed).integers(0, 2**64, frames, np.uint64)]


def turned(frame: int, bits: int, seed: int = 0) -> int:
    places = np.random.default_rng((seed, frame)).choice(64, bits, replace=False)
    return frame ^ sum(1 << int(place) for place in places)


def test_clips_that_show_the_same_for_most_of_their_time_are_one_group() -> None:
    clips = {f"c{i}": noise(i, 6) for i in range(50)}
    clips["copy"] = [turned(h, 6) for h in clips["c7"]]
    clips["mirrored"] = [turned(h, 6) ^ int(MIRROR) for h in clips["c7"]]
    clips["part"] = clips["c7"][2:5]
    clips["still"] = clips["c7"][:1]
    clips["other"] = [*clips["c9"][:2], *noise(99, 4)]
    assert kept(clips) == dict.fromkeys(["c7", "copy", "mirrored", "part"], "c7")


def test_bits_and_share_say_how_close() -> None:
    frames = noise(0, 4)
    clips = {"a": frames, "b": [turned(h, 5) for h in frames], "c": [frames[0], *noise(1, 3)]}
    assert set(kept(clips, Duplicates(bits=5, single_bits=5, share=0.6))) == {"a", "b"}
    assert kept(clips, Duplicates(bits=4, single_bits=4, share=0.6)) == {}
    assert set(kept(clips, Duplicates(bits=4, single_bits=4, share=0.25))) == {"a", "c"}
    assert kept(clips, Duplicates(bits=4, single_bits=4, share=0.26)) == {}


def test_the_fewer_pictures_a_clip_is_known_by_the_closer_they_must_be() -> None:
    rule = Duplicates(bits=12, single_bits=6)
    for pictures, allowed in ((1, 6), (2, 8), (3, 10), (4, 12), (9, 12)):
        frames = noise(pictures, pictures)
        assert kept({"a": frames, "b": [turned(h, allowed) for h in frames]}, rule) != {}
        assert kept({"a": frames, "b": [turned(h, allowed + 1) for h in frames]}, rule) == {}


def test_a_common_picture_does_not_tie_together_what_shows_it() -> None:
    title = noise(77, 1)
    clips = {f"c{i}": [*title, *noise(i, 6)] for i in range(200)}
    clips |= {"title a": title, "title b": [turned(title[0], 1)]}
    assert set(kept(clips)) == {"title a", "title b"}


def test_a_chain_of_likenesses_does_not_melt_into_one_group() -> None:
    film = noise(5, 400)
    clips = {f"c{i:03d}": film[2 * i : 2 * i + 8] for i in range(189)}
    found = kept(clips)
    assert found.keys() == clips.keys()
    for key, head in found.items():
        assert head is not None
        assert abs(int(key[1:]) - int(head[1:])) <= 2
    assert 40 <= len(set(found.values())) <= 100


def test_each_clip_goes_with_the_best_one_that_it_is_like() -> None:
    frames = noise(3, 8)
    clips = {"a": frames, "b": frames[:6], "z best": frames[1:]}
    assert set(kept(clips, best="z").values()) == {"z best"}


def test_what_may_not_be_kept_goes_with_one_that_is_and_ties_nothing_together() -> None:
    film = noise(4, 12)
    clips = {"left": film[:8], "bridge": film[2:10], "right": film[4:]}
    ranking = pl.DataFrame({"clip_id": ["left", "right"], "rank": [0, 1]})
    rule = Duplicates(share=0.7)
    found = groups(likenesses(prints(clips), rule), ranking, rule).sort("clip_id")
    assert found["first"].unique().to_list() == ["bridge"]
    assert dict(found.select("clip_id", "group").iter_rows())["bridge"] in ("left", "right")
    nothing = groups(likenesses(prints(clips), rule), ranking.clear(), rule)
    assert nothing["group"].null_count() == 3


def test_many_equal_clips_are_one_group_and_cost_no_more_than_their_number() -> None:
    clips = {f"c{i:04d}": noise(0, 4) for i in range(3000)}
    assert kept(clips) == dict.fromkeys(clips, "c0000")


def test_no_hashes_make_no_groups() -> None:
    assert kept({}) == {}
    assert kept({"a": [], "b": []}) == {}
    assert kept({"a": noise(0, 3), "b": []}) == {}


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_an_order_of_bits_moves_each_bit_and_loses_none(values: list[int]) -> None:
    hashes = np.array(values, np.uint64)
    for order in orders():
        text = [f"{value:064b}" for value in values]
        assert permuted(hashes, order).tolist() == [int("".join(line[i] for i in order), 2) for line in text]


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_of_a_search(graph: tuple[int, list[tuple[int, int]]]) -> None:
    nodes, edges = graph
    expected = list(range(nodes))
    for _ in range(nodes):
        for a, b in edges:
            expected[a] = expected[b] = min(expected[a], expected[b])
    a, b = np.array([*zip(*edges, strict=True)] or [[], []], np.int64)
    assert components(nodes, a, b).tolist() == expected
