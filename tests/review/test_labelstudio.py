"""Items and decisions as tasks of Label Studio: nothing is lost on the way there, nor on the way back."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.review.json_place import WrongJson
from curate.review.labelstudio import Answer, Task, decided_of, read_tasks, task_of, with_annotation, write_tasks
from curate.review.labelstudio_config import labelling_config
from curate.review.labelstudio_regions import claim_id, region_id
from curate.review.wire import (
    ERROR_KINDS,
    FACETS,
    ClaimShown,
    ClaimWork,
    Content,
    Decided,
    Footage,
    NewItem,
    Note,
    Value,
)

BASE_US, LENGTH_US = 7_000_123, 4_004_000
WORDS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=30)
IDS = st.text("abc#+/_-é 1", min_size=1, max_size=8)
INSTANTS = st.integers(BASE_US, BASE_US + LENGTH_US)


@st.composite
def footages(draw: st.DrawFn) -> Footage:
    num, den = draw(st.sampled_from([(24, 1), (30000, 1001), (60, 1)]))
    return Footage(
        start_us=BASE_US, end_us=BASE_US + LENGTH_US, width=64, height=36, frames=round(LENGTH_US * num / den / 1e6),
        rate_num=num, rate_den=den, sound=draw(st.booleans()),
    )  # fmt: skip


def spans() -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(INSTANTS, INSTANTS).map(lambda pair: (min(pair), max(pair)))


@st.composite
def contents(draw: st.DrawFn) -> Content:
    claims = [
        ClaimShown(
            claim_id=one, facet=draw(st.sampled_from(FACETS)), start_us=s, end_us=e, text=draw(WORDS), origin="vlm"
        )
        for one in draw(st.lists(IDS, max_size=4, unique=True))
        for s, e in [draw(spans())]
    ]
    return Content(
        clip_id="media/0-1", caption_id="caption", captioner="blend", footage=draw(footages()), claims=tuple(claims),
        dense=draw(WORDS), title=draw(st.none() | WORDS),
    )  # fmt: skip


@st.composite
def works(draw: st.DrawFn, content: Content) -> tuple[ClaimWork, ...]:
    known = [claim.claim_id for claim in content.claims]
    added = draw(st.lists(IDS.map(lambda one: f"+{one}"), max_size=3, unique=True))
    made = []
    for one in dict.fromkeys([*known, *added]):
        start_us, end_us = draw(spans())
        made.append(
            ClaimWork(
                claim_id=one,
                status=draw(st.sampled_from(["unseen", "right", "wrong", "edited", "added"])),
                facet=draw(st.sampled_from(FACETS)),
                start_us=start_us,
                end_us=end_us,
                text=draw(WORDS),
                error_kind=draw(st.none() | st.sampled_from(ERROR_KINDS)),
                critique=draw(st.none() | WORDS),
            )
        )
    return tuple(made)


@st.composite
def decisions(draw: st.DrawFn, content: Content) -> Decided:
    notes = draw(st.lists(st.builds(Note, at_us=INSTANTS, text=WORDS), max_size=3))
    return Decided(
        number=draw(st.integers(1, 10**9)), item_id="item", revision=draw(st.integers(1, 9)), mode="triage",
        decision=draw(st.sampled_from(["caption", "reject"])), reason=draw(st.none() | WORDS),
        settled_by=draw(st.sampled_from(["one", "agreement", "adjudication"])),
        reviewers=tuple(draw(st.lists(WORDS, max_size=3))), content=content, claims=draw(works(content)),
        notes=tuple(notes), started_us=draw(st.integers(0, 2 * 10**15)), submitted_us=draw(st.integers(0, 2 * 10**15)),
        active_ms=draw(st.integers(0, 10**8)), accepted_rest=draw(st.booleans()),
    )  # fmt: skip


def ordered(decided: Decided) -> Decided:
    """Results have no order that means anything."""
    claims = sorted(decided.claims, key=lambda one: one.claim_id)
    notes = sorted(decided.notes, key=lambda one: (one.at_us, one.text))
    return decided.model_copy(update={"claims": tuple(claims), "notes": tuple(notes)})


def item_of(content: Content) -> NewItem:
    return NewItem(item_id="item", mode="triage", content=content, value=Value(severity=1, disagreement=1))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_decisions_go_there_and_come_back_as_they_were(data: st.DataObject) -> None:
    content = data.draw(contents())
    decided = [data.draw(decisions(content)) for _ in range(data.draw(st.integers(0, 2)))]
    (task,) = read_tasks(write_tasks([task_of(item_of(content), decided)]))
    assert (task.item_id, task.mode, task.content) == ("item", "triage", content)
    assert list(decided_of(task)) == decided
    (said,) = task.predictions()
    assert [(c.claim_id, c.facet, c.start_us, c.end_us, c.text) for c in said.claims] == [
        (c.claim_id, c.facet, c.start_us, c.end_us, c.text) for c in content.claims
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz_", max_size=5), inner, max_size=3),
    max_leaves=6,
)
RELATION = st.fixed_dictionaries({"type": st.just("relation"), "from_id": WORDS, "to_id": WORDS, "labels": JSON})
STRANGE = RELATION | st.fixed_dictionaries(
    {"id": WORDS, "from_name": st.just("other"), "to_name": WORDS, "type": WORDS, "value": JSON, "score": JSON}
)  # fmt: skip


def shuffled(data: st.DataObject, annotation: dict[str, Any]) -> dict[str, Any]:
    """An annotation as Label Studio may have it: results in any order, and much that nobody here knows."""
    results = [
        {**one, **data.draw(st.dictionaries(st.sampled_from(["origin", "score", "parentID"]), JSON))}
        for one in annotation["result"]
    ]
    results += data.draw(st.lists(STRANGE, max_size=2))
    more = data.draw(st.dictionaries(st.sampled_from(["unique_id", "reviews", "import_id", "draft_created_at"]), JSON))
    return {
        **annotation,
        **more,
        "was_cancelled": data.draw(st.booleans()),
        "result": data.draw(st.permutations(results)),
    }


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_came_from_label_studio_goes_back_as_it_was(data: st.DataObject) -> None:
    content = data.draw(contents())
    decided = [data.draw(decisions(content)) for _ in range(2)]
    raw: Any = json.loads(write_tasks([task_of(item_of(content), decided)]))[0]
    first, second = (shuffled(data, one) for one in raw["annotations"])
    raw |= {
        "annotations": [first],
        "drafts": [second],
        "id": 7,
        "meta": data.draw(JSON),
        "file_upload": data.draw(JSON),
    }
    raw["predictions"].append(
        {"model_version": "another", "score": 0.5, "result": data.draw(st.lists(STRANGE, max_size=2))}
    )
    (task,) = read_tasks(json.dumps([raw]))
    again = with_annotation(task, 0, task.annotations()[0])
    assert json.loads(write_tasks([again])) == [raw]
    assert len(task.drafts()) == 1
    assert [ordered(one) for one in decided_of(task)] == ([] if first["was_cancelled"] else [ordered(decided[0])])


def content_of(sound: bool = True) -> Content:
    footage = Footage(
        start_us=BASE_US,
        end_us=BASE_US + 4_000_000,
        width=64,
        height=36,
        frames=100,
        rate_num=25,
        rate_den=1,
        sound=sound,
    )
    claims = (
        ClaimShown(
            claim_id="c#0", facet="subject", start_us=BASE_US, end_us=BASE_US + 4_000_000, text="A dog.", origin="vlm"
        ),
        ClaimShown(
            claim_id="c#1",
            facet="event",
            start_us=BASE_US + 1_200_000,
            end_us=BASE_US + 1_300_000,
            text="A bark.",
            origin="sound",
        ),
    )
    return Content(clip_id="m/0-4", caption_id="c", captioner="blend", footage=footage, claims=claims, dense="A dog.")


def results(task: Task) -> list[Any]:
    return json.loads(write_tasks([task]))[0]["predictions"][0]["result"]


def test_what_is_seen_is_in_frames_and_what_is_heard_in_seconds() -> None:
    made = results(task_of(item_of(content_of())))
    seen, heard = made[0], next(one for one in made if one["type"] == "labels")
    assert seen["value"] == {"ranges": [{"start": 1, "end": 100}], "timelinelabels": ["subject"]}
    assert heard["value"] == {"start": 1.2, "end": 1.3, "channel": 0, "labels": ["event"]}
    assert {one["id"] for one in made} == {"c_230", "c_231"}
    assert {one["to_name"] for one in results(task_of(item_of(content_of(sound=False))))} == {"video"}


def task_with(result: list[Any], **more: Any) -> Task:
    raw: Any = json.loads(write_tasks([task_of(item_of(content_of()))]))[0]
    raw["annotations"] = [{"result": result, "created_at": "2026-01-02T03:04:05.000006Z", **more}]
    return read_tasks(json.dumps(raw))[0]


def test_a_range_that_was_moved_is_where_it_was_moved_to() -> None:
    moved = results(task_of(item_of(content_of())))
    moved[0]["value"]["ranges"] = [{"start": 26, "end": 50}]
    claim = task_with(moved).annotations()[0].claims[0]
    assert (claim.start_us - BASE_US, claim.end_us - BASE_US) == (1_000_000, 2_000_000)


def test_a_region_of_label_studio_is_a_statement_that_was_added() -> None:
    value = {"start": 0.5, "end": 0.75, "channel": 0}
    task = task_with(
        [
            {**HEARD, "id": "Xy_1a", "value": {**value, "labels": ["music"]}},
            {**HEARD, "id": "Xy_1a", "from_name": "heard_text", "value": {**value, "text": ["A", "b."]}},
            {"id": "d", "from_name": "decision", "type": "choices", "value": {"choices": ["caption"]}},
        ],
        completed_by=12, lead_time=3.5, ground_truth=True,
    )  # fmt: skip
    (answer,) = task.annotations()
    assert answer.claims == (
        ClaimWork(
            claim_id="+Xy_1a",
            status="added",
            facet="music",
            start_us=BASE_US + 500_000,
            end_us=BASE_US + 750_000,
            text="A\nb.",
        ),
    )
    assert (answer.by, answer.active_ms, answer.ground_truth, answer.skipped) == ("12", 3500, True, False)
    (decided,) = decided_of(task, first=40)
    assert (decided.number, decided.reviewers, decided.submitted_us - decided.started_us) == (40, ("12",), 3_500_000)
    assert decided.submitted_us % 10**6 == 6


def test_what_is_changed_is_written_and_all_else_stays() -> None:
    task = task_with([{**one, "origin": "prediction"} for one in results(task_of(item_of(content_of())))])
    (answer,) = task.annotations()
    first, second = answer.claims
    edited = first.model_copy(update={"text": "A cat.", "status": "edited", "error_kind": "attribute"})
    added = second.model_copy(update={"claim_id": "+1", "status": "added"})
    wanted = replace(
        answer, claims=(edited, added), notes=(Note(at_us=BASE_US + 5, text="hm"),), decision="caption", skipped=True
    )
    changed = with_annotation(task, 0, wanted)
    assert changed.annotations() == (wanted,)
    raw = json.loads(write_tasks([changed]))[0]["annotations"][0]
    assert [one.get("origin") for one in raw["result"] if one["id"] == "c_230"] == ["prediction"] * 3 + [None]
    assert not [one for one in raw["result"] if one["id"] == "c_231"]
    assert raw["was_cancelled"] is True
    assert with_annotation(changed, 0, answer).annotations() == (answer,)


@given(IDS)
def test_an_id_of_ours_is_one_of_theirs_and_comes_back(one: str) -> None:
    assert set(region_id(one)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert claim_id(region_id(one), frozenset({one})) == one
    assert claim_id(region_id(f"+{one}"), frozenset()) == f"+{one}"


def test_what_is_true_of_a_gold_item_stays_behind() -> None:
    item = item_of(content_of()).model_copy(update={"planted": (), "truths": {"q": "the secret"}})
    assert "secret" not in write_tasks([task_of(item)])
    assert "planted" not in write_tasks([task_of(item)])


def test_the_configuration_names_all_that_results_name() -> None:
    for sound in (True, False):
        view = Xml.fromstring(labelling_config(sound))  # noqa: S314  our own
        names = {tag.get("name") for tag in view.iter() if tag.get("name")}
        assert {one["from_name"] for one in results(task_of(item_of(content_of(sound))))} <= names
        assert {one["to_name"] for one in results(task_of(item_of(content_of(sound))))} <= names
        assert {tag.get("toName") for tag in view.iter() if tag.get("toName")} <= names
        assert {tag.get("value") for tag in view.iter("Label")} >= set(FACETS)


BROKEN = {
    "[": "no JSON",
    "[" * 100_000: "no JSON",
    '[{"a": NaN}]': "NaN is no number",
    "3": "a list is expected",
    "[3]": r"\[0\]: an object is expected",
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_file_of_tasks_is_told(text: str) -> None:
    with pytest.raises(WrongJson, match=BROKEN[text]):
        read_tasks(text)


HEARD: dict[str, Any] = {"id": "a", "from_name": "heard", "to_name": "audio", "type": "labels"}
WRONG: list[tuple[Any, str]] = [
    ("x", r"annotations\[0\]\.result: a list is expected"),
    ([7], r"result\[0\]: an object is expected"),
    ([{**HEARD, "value": {"start": "x", "end": 1, "labels": ["event"]}}], r"result\[0\]\.value\.start: a number"),
    ([{**HEARD, "value": {"start": True, "end": 1, "labels": ["event"]}}], r"value\.start: a number"),
    ([{**HEARD, "value": {"start": 2, "end": 1, "labels": ["event"]}}], r"value: it ends before it starts"),
    ([{**HEARD, "value": {"start": -1, "end": 1, "labels": ["event"]}}], r"value\.start: a time in the clip"),
    ([{**HEARD, "value": {"start": 0, "end": 1e300, "labels": ["event"]}}], r"value\.end: a time in the clip"),
    ([{**HEARD, "value": {"start": 0, "end": 1, "labels": ["dog"]}}], r"result\[0\]: 'dog' is no facet"),
    ([{**HEARD, "value": {"start": 0, "end": 1, "labels": []}}], r"value\.labels: one label"),
    ([{**HEARD, "value": None}], r"value: an object is expected"),
    ([{**HEARD, "from_name": "heard_text", "value": {"text": ["x"]}}], "has no label and no time"),
    ([{**HEARD, "from_name": "seen", "value": {"ranges": [{"start": 0, "end": 1}], "labels": ["shot"]}}], "frames of"),
    ([{**HEARD, "from_name": "seen", "value": {"ranges": [], "timelinelabels": ["shot"]}}], "one range"),
    ([{**HEARD, "value": {"start": 0, "end": 1, "labels": ["event"]}}] * 2, "says the same thing twice"),
]  # fmt: skip


@pytest.mark.parametrize(("result", "told"), WRONG)
def test_a_hostile_annotation_is_refused_by_the_place_of_its_fault(result: Any, told: str) -> None:
    with pytest.raises(WrongJson, match=told):
        task_with(result).annotations()


def test_a_task_of_somebody_else_is_told() -> None:
    (task,) = read_tasks('[{"data": {"video": "x.mp4"}}]')
    with pytest.raises(WrongJson, match=r"data\.retold: this task is not of an item"):
        _ = task.content


@settings(max_examples=150, deadline=None)
@given(JSON, JSON)
def test_whatever_the_annotation_is_it_is_read_or_refused(result: Any, value: Any) -> None:
    for made in (result, [{**HEARD, "value": value}], [result]):
        try:
            assert isinstance(task_with(made).annotations()[0], Answer)
        except WrongJson as error:
            assert "annotations[0]" in str(error)
