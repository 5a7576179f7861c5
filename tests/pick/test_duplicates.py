import json

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from curate.pick.duplicates import components, duplicate_groups
from curate.pick.policy import Duplicates


def groups(clips: dict[str, list[int]], rule: Duplicates | None = None) -> set[frozenset[str]]:
    details = [json.dumps({"frames": [f"{h:016x}" for h in frames]}) for frames in clips.values()]
    scores = pl.LazyFrame({"clip_id": list(clips), "metric": "duplicate", "value": 0.0, "detail": details})
    found = duplicate_groups(scores, rule or Duplicates())
    assert all(min(part["clip_id"]) == name[0] for name, part in found.group_by("group"))
    return {frozenset(part["clip_id"]) for _, part in found.group_by("group")}


def noise(seed: int, frames: int) -> list[int]:
    return [int(h) for h in np.random.default_rng(seed).integers(0, 2**64, frames, np.uint64)]


def test_clips_whose_frames_are_close_are_one_group() -> None:
    clips = {f"c{i}": noise(i, 6) for i in range(50)}
    clips["copy"] = [h ^ 0b101 for h in clips["c7"]]
    clips["part"] = clips["c7"][2:5]
    clips["still"] = clips["c7"][:1]
    clips["other"] = [*clips["c9"][:2], *noise(99, 4)]
    assert groups(clips) == {frozenset({"c7", "copy", "part"})}


def test_bits_and_share_say_how_close() -> None:
    frames = noise(0, 4)
    clips = {"a": frames, "b": [h ^ 0b11111 for h in frames], "c": [frames[0], *noise(1, 3)]}
    assert groups(clips, Duplicates(bits=5, share=0.6)) == {frozenset("ab")}
    assert groups(clips, Duplicates(bits=4, share=0.6)) == set()
    assert groups(clips, Duplicates(bits=4, share=0.25)) == {frozenset("ac")}
    assert groups(clips, Duplicates(bits=4, share=0.26)) == set()


def test_a_black_clip_does_not_tie_together_what_has_a_black_frame() -> None:
    clips = {f"c{i}": [0, *noise(i, 4)] for i in range(20)} | {"black": [0, 0, 0, 0, 0], "dark": [0, 1]}
    assert groups(clips) == {frozenset({"black", "dark"})}


def test_many_equal_clips_cost_no_more_than_their_number() -> None:
    clips = {f"c{i:04d}": noise(0, 4) for i in range(3000)}
    assert groups(clips) == {frozenset(clips)}


def test_no_hashes_make_no_groups() -> None:
    assert groups({}) == set()
    assert groups({"a": [], "b": []}) == set()


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_of_a_search(graph: tuple[int, list[tuple[int, int]]]) -> None:
    nodes, edges = graph
    expected = list(range(nodes))
    for _ in range(nodes):
        for a, b in edges:
            expected[a] = expected[b] = min(expected[a], expected[b])
    a, b = np.array([*zip(*edges, strict=True)] or [[], []], np.int64)
    assert components(nodes, a, b).tolist() == expected
