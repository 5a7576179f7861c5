"""Items and decisions as tasks of Label Studio, in plain JSON, and back without loss.

A task keeps its JSON as it came. What is changed is written into it, and all else stays: fields and results that
nothing here knows, predictions of others, drafts, skipped annotations.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from curate.review.json_place import Json, Node, WrongJson, parsed
from curate.review.labelstudio_config import DECISIONS
from curate.review.labelstudio_regions import (
    Region,
    choice,
    is_part,
    note_results,
    region_id,
    regions,
    results_of,
    written,
)
from curate.review.wire import ClaimWork, Content, Decided, NewItem, Note
from schemas.caption import Decision, Mode

OURS = "retold"
"""The field of a task's data, and of a result's `meta`, under which stands what Label Studio has no word for."""

_TOLD = ("decision", "reason", "content", "claims", "notes")
"""Fields of a decision that are told by the task and by results; the others stand in the `meta` of its decision."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person made of a task: an annotation, or a draft of one."""

    claims: tuple[ClaimWork, ...] = ()
    notes: tuple[Note, ...] = ()
    decision: Decision | None = None  # None: none was made yet
    reason: str | None = None
    skipped: bool = False
    ground_truth: bool = False
    active_ms: int | None = None  # `lead_time`
    by: str | None = None  # `completed_by`: an e-mail address or a number, as text


@dataclass(frozen=True, slots=True)
class Task:
    """A task, as it came."""

    node: Node

    @property
    def item_id(self) -> str:
        return self._ours().field("item_id").text()

    @property
    def mode(self) -> Mode:
        mode = self._ours().field("mode")
        if mode.value not in ("triage", "scratch", "blind"):
            raise mode.wrong("triage, scratch or blind is expected")
        return cast(Mode, mode.value)

    @property
    def content(self) -> Content:
        """What the task is about. WrongJson where it was not exported from here."""
        ours = self._ours().field("content")
        return _validated(Content, ours)

    def annotations(self) -> tuple[Answer, ...]:
        return tuple(_answer(node, self.content) for node in self.node.field("annotations").items())

    def drafts(self) -> tuple[Answer, ...]:
        return tuple(_answer(node, self.content) for node in self.node.field("drafts").items())

    def predictions(self) -> tuple[Answer, ...]:
        """What machines said: that of the captioner, and of whoever else."""
        return tuple(_answer(node, self.content) for node in self.node.field("predictions").items())

    def _ours(self) -> Node:
        data = self.node.field("data").field(OURS)
        if data.value is None:
            raise data.wrong("this task is not of an item: what the export wrote here is missing")
        return data


def read_tasks(text: str | bytes) -> list[Task]:
    """The tasks of a file of Label Studio: JSON, a list or a single task. WrongJson names what cannot be read."""
    whole = parsed(text)
    nodes = [whole] if isinstance(whole.value, dict) else list(whole.items())
    for node in nodes:
        node.object()
    return [Task(node) for node in nodes]


def write_tasks(tasks: Iterable[Task]) -> str:
    """A file that Label Studio imports."""
    return json.dumps([task.node.value for task in tasks], ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def task_of(
    item: NewItem, decided: Sequence[Decided] = (), video: Callable[[str], str] = lambda clip_id: f"{clip_id}.mp4"
) -> Task:
    """A task: the machine's statements as a prediction, people's as annotations.

    `video`: the address of a clip's proxy. What is true of a gold item stays behind.
    """
    content = item.content
    rate = content.footage.rate_num / content.footage.rate_den
    ours: Json = {"item_id": item.item_id, "mode": item.mode, "content": _plain(content)}
    data: Json = {"video": video(content.clip_id), "rate": rate, "title": content.title or content.clip_id, OURS: ours}
    annotations: list[Json] = [_annotation(one) for one in decided]
    return Task(Node({"data": data, "predictions": [_prediction(content)], "annotations": annotations}))


def with_annotation(task: Task, number: int, answer: Answer) -> Task:
    """The task with another answer in the place of its annotation `number`; what was not changed stays as it was."""
    annotations = list(task.node.field("annotations").items())
    values = [node.value for node in annotations]
    values[number] = _rewritten(annotations[number], answer, task.content)
    return Task(Node({**task.node.object(), "annotations": values}, task.node.place))


def decided_of(task: Task, first: int = 1) -> Iterator[Decided]:
    """The annotations of a task as decisions; those that were skipped, or that decide nothing, are left out.

    One that was exported from here has the number and the people that it had. Others are numbered from `first` on.
    """
    for offset, node in enumerate(task.node.field("annotations").items()):
        answer = _answer(node, task.content)
        if answer.decision is not None and not answer.skipped:
            yield _decided(task, node, answer, first + offset)


def _decided(task: Task, node: Node, answer: Answer, number: int) -> Decided:
    chosen = _result(node, "decision")
    ours = chosen.field("meta").field(OURS) if chosen is not None and chosen.has("meta") else Node(None)
    kept = ours.object() if ours.value is not None else _unkept(task, node, answer, number)
    told: dict[str, Json] = {
        "decision": answer.decision, "reason": answer.reason, "content": _plain(task.content),
        "claims": [_plain(claim) for claim in answer.claims], "notes": [_plain(note) for note in answer.notes],
    }  # fmt: skip
    return _validated(Decided, Node({**kept, **told}, ours.place or node.place))


def _unkept(task: Task, node: Node, answer: Answer, number: int) -> dict[str, Json]:
    """What Label Studio says of who decided, and when."""
    ends_us, active_ms = _instant(node.field("created_at")), answer.active_ms or 0
    return {
        "number": number, "item_id": task.item_id, "revision": number, "mode": task.mode, "settled_by": "one",
        "reviewers": [] if answer.by is None else [answer.by], "active_ms": active_ms,
        "started_us": max(0, ends_us - active_ms * 1000), "submitted_us": ends_us,
    }  # fmt: skip


def _prediction(content: Content) -> Json:
    results: list[Json] = []
    for claim in content.claims:
        work = ClaimWork(
            claim_id=claim.claim_id, status="unseen", facet=claim.facet, start_us=claim.start_us, end_us=claim.end_us,
            text=claim.text,
        )  # fmt: skip
        results += results_of(work, content.footage, region_id(claim.claim_id))
    return {"model_version": content.captioner, "result": results}


def _annotation(decided: Decided) -> Json:
    kept = {name: value for name, value in _plain(decided).items() if name not in _TOLD}
    results: list[Json] = [{**_of_all("decision", decided.decision), "meta": {OURS: kept}}]
    bare: dict[str, Json] = {
        "result": results, "completed_by": {"email": (*decided.reviewers, "")[0]},
        "lead_time": decided.active_ms / 1000, "was_cancelled": False, "ground_truth": False,
        "created_at": _stamp(decided.submitted_us),
    }  # fmt: skip
    before = _answer(Node(bare), decided.content)
    answer = replace(before, claims=decided.claims, notes=decided.notes, reason=decided.reason)
    return _rewritten(Node(bare), answer, decided.content)


def _answer(node: Node, content: Content) -> Answer:
    told = [region.claim for region in _regions(node, content).values()]
    decision, reason = _result(node, "decision"), _result(node, "reason")
    return Answer(
        claims=tuple(one for one in told if isinstance(one, ClaimWork)),
        notes=tuple(one for one in told if isinstance(one, Note)),
        decision=cast(Decision | None, choice(decision, DECISIONS)),
        reason=written(reason),
        skipped=node.field("was_cancelled").flag(),
        ground_truth=node.field("ground_truth").flag(),
        active_ms=round(node.field("lead_time").number() * 1000) if node.has("lead_time") else None,
        by=_person(node.field("completed_by")),
    )


def _regions(node: Node, content: Content) -> dict[str, Region]:
    return regions(node.field("result"), content.footage, frozenset(claim.claim_id for claim in content.claims))


def _rewritten(node: Node, answer: Answer, content: Content) -> dict[str, Json]:
    """An annotation that tells an answer; the results of what did not change stay, byte for byte and in their place."""
    wanted: list[ClaimWork | Note] = [*answer.claims, *answer.notes]
    by_claim = {one.claim_id: one for one in answer.claims}
    altered: dict[str, list[Json]] = {}
    for name, region in _regions(node, content).items():
        told = by_claim.get(region.claim.claim_id) if isinstance(region.claim, ClaimWork) else _like(wanted, region)
        if told is not None:
            wanted.remove(told)
        if told != region.claim:
            altered[name] = _altered(region, told, name, content)
    results = _in_place(node.field("result"), altered)
    for number, one in enumerate(wanted):
        results += _results(one, content, region_id(one.claim_id) if isinstance(one, ClaimWork) else f"note-{number}")
    before = _answer(node, content)
    if before.decision != answer.decision:
        results = _replaced(results, "decision", answer.decision)
    if before.reason != answer.reason:
        results = _replaced(results, "reason", answer.reason)
    return {**node.object(), **_changed(before, answer), "result": results}


def _like(wanted: Sequence[ClaimWork | Note], region: Region) -> ClaimWork | Note | None:
    """The same note among those that are wanted: notes have no name of their own."""
    return next((one for one in wanted if one == region.claim), None)


def _altered(region: Region, told: ClaimWork | Note | None, name: str, content: Content) -> list[Json]:
    """The results of a statement that was changed, with what else stood in the old ones; none of one that is gone."""
    old = {Node(value).field("from_name").text(): Node(value).object() for value in region.results}
    results: list[Json] = []
    for value in [] if told is None else _results(told, content, name):
        made = Node(value).object()
        was = old.get(Node(value).field("from_name").text(), {})
        both: dict[str, Json] = {
            key: {**_object(was.get(key)), **_object(made.get(key))} for key in ("value", "meta") if key in made
        }
        results.append({**was, **made, **both})
    return results


def _results(told: ClaimWork | Note, content: Content, name: str) -> list[Json]:
    make = results_of(told, content.footage, name) if isinstance(told, ClaimWork) else None
    return make if make is not None else note_results(cast(Note, told), content.footage, name)


def _in_place(results: Node, altered: Mapping[str, list[Json]]) -> list[Json]:
    """The results with those of each altered region where its first one was."""
    left, out = dict(altered), list[Json]()
    for result in results.items():
        if is_part(result) and (name := result.field("id").text()) in altered:
            out += left.pop(name, [])
        else:
            out.append(result.value)
    return out


def _replaced(results: list[Json], name: str, value: str | None) -> list[Json]:
    """The results with another decision or reason; none where it is None."""
    at = next((n for n, one in enumerate(results) if Node(one).field("from_name").value == name), len(results))
    old = _object(results[at]) if at < len(results) else {}
    return [*results[:at], *([] if value is None else [{**old, **_of_all(name, value)}]), *results[at + 1 :]]


def _of_all(name: str, value: str) -> dict[str, Json]:
    """A result that is of the whole clip, not of a region."""
    said: dict[str, Json] = {"choices": [value]} if name == "decision" else {"text": [value]}
    kind = "choices" if name == "decision" else "textarea"
    return {"id": name, "from_name": name, "to_name": "video", "type": kind, "value": said}


def _changed(before: Answer, answer: Answer) -> dict[str, Json]:
    """The fields of an annotation that an answer changes."""
    fields: dict[str, tuple[Json, Json, Json]] = {
        "was_cancelled": (before.skipped, answer.skipped, answer.skipped),
        "ground_truth": (before.ground_truth, answer.ground_truth, answer.ground_truth),
        "lead_time": (
            before.active_ms,
            answer.active_ms,
            None if answer.active_ms is None else answer.active_ms / 1000,
        ),
        "completed_by": (before.by, answer.by, None if answer.by is None else {"email": answer.by}),
    }
    return {name: value for name, (was, now, value) in fields.items() if was != now}


def _result(node: Node, name: str) -> Node | None:
    """The result of a control that is not of a region; None where there is none, WrongJson where there are two."""
    found = [one for one in node.field("result").items() if one.object().get("from_name") == name]
    if len(found) > 1:
        raise found[1].wrong(f"there is a {name} already")
    return found[0] if found else None


def _person(by: Node) -> str | None:
    if isinstance(by.value, dict):
        by = by.field("email") if by.has("email") else by.field("id")
    if by.value is None:
        return None
    return by.value if isinstance(by.value, str) else str(by.integer())


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _plain(model: BaseModel) -> dict[str, Json]:
    return cast(dict[str, Json], model.model_dump(mode="json"))


def _validated(model: type[M], node: Node) -> M:
    try:
        return model.model_validate_json(json.dumps(node.value))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join((node.place, *map(str, first["loc"])))
        raise WrongJson(f"{where}: {first['msg']}") from error


def _stamp(at_us: int) -> str:
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat().replace("+00:00", "Z")


def _instant(node: Node) -> int:
    """µs since 1970 of a time as Label Studio writes it."""
    try:
        at = datetime.fromisoformat(node.text())
        return max(0, (at.replace(tzinfo=at.tzinfo or UTC) - _EPOCH) // timedelta(microseconds=1))
    except ValueError as error:
        raise node.wrong("a date and time is expected") from error
