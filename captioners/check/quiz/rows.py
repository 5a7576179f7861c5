"""Questions as rows of the lake, and back: what is asked of captions, and what one who sees got right."""

import hashlib
from collections.abc import Sequence
from typing import Any

from captioners.check.bank import Rules, questions
from captioners.check.examine import Asking
from captioners.check.question import Question
from captioners.evidence import Evidence
from schemas.question import Asker, QuizQuestion


def question_id(clip_id: str, asker: Asker, question: Question) -> str:
    """The same for the same question about a clip, whatever its options and its evidence are called."""
    body = (asker, question.axis, question.kind, question.topic, question.text, question.truth, *question.about)
    return f"{clip_id}?{hashlib.sha256(repr(body).encode()).hexdigest()[:16]}"


def question_of(row: QuizQuestion) -> Question:
    """What is asked by a row."""
    kind: Any = row.kind
    topic: Any = row.topic
    return Question(
        row.axis, kind, topic, row.text, row.truth, row.start_us, row.end_us, row.evidence, row.about, row.options,
        row.tolerance,
    )  # fmt: skip


def asking(evidence: Evidence, rules: Rules, rows: Sequence[QuizQuestion]) -> Asking:
    """All that captions of a clip are asked: what the evidence answers, and what one who sees asked and answers stably.

    `seen` holds those of the latter, and those of the former that it was asked.
    """
    bank = questions(evidence, rules)
    known = {row.question_id: row.stable for row in rows if row.asker == "tools"}
    ids = {one: question_id(evidence.id, "tools", one) for one in bank}
    kept = tuple(question_of(row) for row in rows if row.asker == "model" and row.stable)
    seen = {one: known[key] for one, key in ids.items() if key in known}
    return Asking((*bank, *kept), {**seen, **dict.fromkeys(kept, True)})
