"""How much it is worth that a person looks at a caption, and why."""

from collections.abc import Mapping

from curate.review.wire import Value, Why
from schemas.caption import Verdict

AUDIT = 0.1
"""The severity of a caption without a fault: it is looked at to know how good the check is."""
WRONG = 2.0
"""What is told wrong misleads more than what is not told."""


def value(verdict: Verdict, conflicts: int, axes: Mapping[str, float], weight: float = 1.0) -> Value:
    """Severity: the share of questions and statements that went wrong, 0..3, by the weight of their axis.

    Disagreement: 1 where the sources of the caption agree, up to 2 with the conflicts between them, and up to 3 with
    the questions that one who sees the clip answers otherwise than what was measured. An axis without a weight has 1.
    """
    severity, agreed = _severity(verdict, axes), _disagreement(verdict, conflicts)
    whys = (
        Why(factor="severity", value=severity, words=_failed(verdict)),
        Why(factor="disagreement", value=agreed, words=_disputed(verdict, conflicts)),
        Why(factor="weight", value=weight, words=f"weight {weight:g}"),
    )
    return Value(
        severity=severity, disagreement=agreed, weight=weight, why=tuple(why for why in whys if why.value != 1.0)
    )


def _severity(verdict: Verdict, axes: Mapping[str, float]) -> float:
    lost = sum(
        axes.get(axis.axis, 1.0) * (WRONG * axis.contradicted + axis.asked - axis.answered) for axis in verdict.axes
    )
    asked = sum(axes.get(axis.axis, 1.0) * axis.asked for axis in verdict.axes)
    claims = verdict.claims_supported + verdict.claims_contradicted + verdict.claims_unverifiable
    share = lost / asked if asked else 1.0
    untrue = verdict.claims_contradicted / claims if claims else 0.0
    return max(AUDIT, share + untrue)


def _disagreement(verdict: Verdict, conflicts: int) -> float:
    seen, right = _seen(verdict)
    return 1 + conflicts / (1 + conflicts) + ((seen - right) / seen if seen else 0.0)


def _seen(verdict: Verdict) -> tuple[int, int]:
    return sum(axis.seen for axis in verdict.axes), sum(axis.seen_right for axis in verdict.axes)


def _failed(verdict: Verdict) -> str:
    asked = sum(axis.asked for axis in verdict.axes)
    wrong = sum(axis.contradicted for axis in verdict.axes)
    missing = asked - sum(axis.answered for axis in verdict.axes)
    if not asked:
        return "nothing could be asked of it"
    parts = [f"{wrong} told wrong" if wrong else "", f"{missing} not told" if missing else ""]
    said = f"of {asked} questions " + (" and ".join(filter(None, parts)) or "none failed")
    untrue = verdict.claims_contradicted
    return f"{said}; {untrue} statement{'s' * (untrue != 1)} untrue" if untrue else said


def _disputed(verdict: Verdict, conflicts: int) -> str:
    seen, right = _seen(verdict)
    parts = [f"{conflicts} conflict{'s' * (conflicts != 1)} between its sources"] if conflicts else []
    if seen > right:
        parts.append(f"one who sees answers {seen - right} of {seen} questions otherwise")
    return "; ".join(parts) or "its sources agree"
