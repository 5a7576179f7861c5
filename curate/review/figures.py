"""What the queue tells of captioners, of people's judgement, and of their agreement."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from sqlalchemy import Engine

from curate.review.figures_wire import (
    BoundaryFigures,
    CaptionerFigures,
    ErrorFigures,
    Figures,
    GoldFigures,
    ItemFigures,
    PairFigures,
    PersonFigures,
)
from curate.review.measures import alpha, kappa, wilson
from curate.review.submits import Submit, Tried, changed_words, judged, newest, tried
from curate.review.wire import ClaimWork

TOLERANCES_MS = (40, 100, 200, 500, 1000)
LONGEST = 50
"""Items that are told by themselves."""


def figures(engine: Engine, last: int) -> Figures:
    """Statistics over the `last` submits."""
    subs = newest(engine, last)
    machine = [sub for sub in subs if not sub.gold]
    pairs = list(_pairs(subs))
    return Figures(
        submits=len(subs),
        oldest_us=min((sub.submitted_us for sub in subs), default=None),
        alpha=alpha(_units(subs)),
        people=tuple(_person(name, own) for name, own in sorted(_by(subs, "person").items())),
        captioners=tuple(_captioner(name, own) for name, own in sorted(_by(machine, "captioner").items())),
        errors=tuple(_errors(machine)),
        gold=tuple(_gold(subs)),
        pairs=tuple(_agreements(pairs)),
        boundaries=tuple(_boundaries(pairs)),
        items=tuple(_items(subs)),
    )


def _by(subs: Iterable[Submit], what: str) -> dict[str, list[Submit]]:
    found: dict[str, list[Submit]] = defaultdict(list)
    for sub in subs:
        found[getattr(sub, what)].append(sub)
    return found


def _person(name: str, own: Sequence[Submit]) -> PersonFigures:
    active_s = sum(sub.active_ms for sub in own) / 1000
    claims = sum(len(sub.draft.claims) for sub in own)
    errors = [one for sub in own for one in tried(sub)]
    found = sum(one.found for one in errors)
    low, high = wilson(found, len(errors))
    return PersonFigures(
        person=name, items=len(own), items_per_hour=_share(3600 * len(own), active_s),
        seconds_per_claim=_share(active_s, claims), words_changed=_changed(own), accepted=_accepted(own),
        accepted_together=sum(sub.draft.accepted_rest for sub in own), gold_found=found, gold_planted=len(errors),
        gold_low=low, gold_high=high, gold_false_alarms=sum(_false_alarms(sub) for sub in own),
        blind_right=sum(sub.right or 0 for sub in own), blind_asked=sum(sub.asked or 0 for sub in own),
    )  # fmt: skip


def _captioner(name: str, own: Sequence[Submit]) -> CaptionerFigures:
    return CaptionerFigures(
        captioner=name, items=len({sub.item_id for sub in own}), statements=sum(1 for sub in own for _ in judged(sub)),
        accepted=_accepted(own), words_changed=_changed(own),
        added=sum(work.status == "added" for sub in own for work in sub.draft.claims),
        rejected=sum(sub.decision == "reject" for sub in own), blind_right=sum(sub.right or 0 for sub in own),
        blind_asked=sum(sub.asked or 0 for sub in own),
    )  # fmt: skip


def _errors(subs: Sequence[Submit]) -> Iterator[ErrorFigures]:
    for captioner, own in sorted(_by(subs, "captioner").items()):
        statements = sum(1 for sub in own for _ in judged(sub))
        kinds: dict[str, int] = defaultdict(int)
        for sub in own:
            for work in sub.draft.claims:
                if work.error_kind is not None and work.status in ("wrong", "edited"):
                    kinds[work.error_kind] += 1
        for kind, count in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])):
            yield ErrorFigures(captioner=captioner, kind=kind, count=count, of_statements=_share(count, statements))


def _gold(subs: Sequence[Submit]) -> Iterator[GoldFigures]:
    groups: dict[tuple[str, str | None], list[Tried]] = defaultdict(list)
    for sub in subs:
        for one in tried(sub):
            groups[one.kind, None].append(one)
            groups[one.kind, sub.person].append(one)
    for (kind, person), own in sorted(groups.items(), key=lambda pair: (pair[0][0], pair[0][1] or "")):
        found = sum(one.found for one in own)
        low, high = wilson(found, len(own))
        yield GoldFigures(
            kind=kind, person=person, planted=len(own), found=found, recall=found / len(own), low=low, high=high
        )


def _pairs(subs: Sequence[Submit]) -> Iterator[tuple[Submit, Submit]]:
    """Two people's submits of one item, who did not know each other's."""
    for own in _by((sub for sub in subs if sub.kind != "adjudicate"), "item_id").values():
        yield from combinations(sorted(own, key=lambda sub: sub.person), 2)


def _agreements(pairs: Sequence[tuple[Submit, Submit]]) -> Iterator[PairFigures]:
    verdicts: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for one, other in pairs:
        theirs = {work.claim_id: work for work in judged(other)}
        verdicts[one.person, other.person] += [
            (work.status, theirs[work.claim_id].status) for work in judged(one) if work.claim_id in theirs
        ]
    for (ours, other_name), both in sorted(verdicts.items()):
        if both:
            same = sum(left == right for left, right in both) / len(both)
            yield PairFigures(one=ours, other=other_name, statements=len(both), same=same, kappa=kappa(both))


def _boundaries(pairs: Sequence[tuple[Submit, Submit]]) -> Iterator[BoundaryFigures]:
    apart = [gap for one, other in pairs for gap in _gaps_us(one, other)]
    for tolerance_ms in TOLERANCES_MS if apart else ():
        same = sum(gap <= 1000 * tolerance_ms for gap in apart) / len(apart)
        yield BoundaryFigures(within_ms=tolerance_ms, spans=len(apart), same=same)


def _gaps_us(one: Submit, other: Submit) -> Iterator[int]:
    """How far the spans of statements lie apart that both let stand and one of them edited."""
    theirs = {work.claim_id: work for work in judged(other) if work.status != "wrong"}
    for work in judged(one):
        match = theirs.get(work.claim_id)
        if match is not None and work.status != "wrong" and "edited" in (work.status, match.status):
            yield max(abs(work.start_us - match.start_us), abs(work.end_us - match.end_us))


def _items(subs: Sequence[Submit]) -> Iterator[ItemFigures]:
    ranked = sorted(_by(subs, "item_id").items(), key=lambda pair: (-sum(sub.active_ms for sub in pair[1]), pair[0]))
    for item_id, own in ranked[:LONGEST]:
        yield ItemFigures(
            item_id=item_id, captioner=own[0].captioner, people=len({sub.person for sub in own}),
            active_ms=sum(sub.active_ms for sub in own), words_changed=_changed(own),
            wrong=sum(work.status == "wrong" for sub in own for work in sub.draft.claims),
        )  # fmt: skip


def _units(subs: Sequence[Submit]) -> Iterator[list[str]]:
    """The verdicts of several people on one statement."""
    verdicts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sub in subs:
        if sub.kind != "adjudicate":
            for work in judged(sub):
                verdicts[sub.item_id, work.claim_id].append(work.status)
    yield from (values for values in verdicts.values() if len(values) > 1)


def _accepted(own: Sequence[Submit]) -> float | None:
    works: list[ClaimWork] = [work for sub in own if not sub.gold for work in judged(sub)]
    return _share(sum(work.status == "right" for work in works), len(works))


def _changed(own: Sequence[Submit]) -> float:
    return sum(changed_words(sub) for sub in own) / len(own)


def _false_alarms(sub: Submit) -> int:
    if sub.planted is None:
        return 0
    planted = {error.claim_id for error in sub.planted}
    return sum(work.status == "wrong" and work.claim_id not in planted for work in judged(sub))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
