"""Items about a clip that was made, with words that a test can look for."""

from curate.review.wire import ClaimShown, Content, FailedShown, Footage, NewItem, QuestionShown, Value, Why
from schemas.caption import Facet, Mode

SENTENCES: tuple[tuple[Facet, float, float, str], ...] = (
    ("subject", 0.0, 1.0, "A row of squares stands over a grey field."),
    ("action", 0.0, 0.5, "The squares turn white one after another."),
    ("event", 0.3, 0.4, "A click is heard."),
    ("speech", 0.5, 0.9, "A voice says: “Count the squares.”"),
)
"""Facet, start and end as shares of the clip, and words that the machine says."""

QUESTIONS = (
    QuestionShown(question_id="q0", axis="count", text="How many squares are there?", options=("six", "eight")),
    QuestionShown(question_id="q1", axis="event", text="What is heard?"),
)
TRUTHS = {"q0": "eight", "q1": "a click"}


def claims(footage: Footage) -> tuple[ClaimShown, ...]:
    """What the machine says, its spans on frames of the clip."""
    return tuple(
        ClaimShown(
            claim_id=f"cap#{number}", facet=facet, start_us=_at(footage, start), end_us=_at(footage, end), text=text,
            origin="vlm",
        )
        for number, (facet, start, end, text) in enumerate(SENTENCES)
    )  # fmt: skip


def item(item_id: str, footage: Footage, mode: Mode = "triage", severity: float = 1.0, overlap: int = 1) -> NewItem:
    """An item, worth as much as it is severe."""
    said = claims(footage)
    failed = FailedShown(
        axis="count", question="How many squares are there?", start_us=said[2].start_us, end_us=said[2].end_us,
        truth="eight", answer="six",
    )  # fmt: skip
    return NewItem(
        item_id=item_id,
        mode=mode,
        content=Content(
            clip_id=f"clip-{item_id}/0-{footage.end_us}", caption_id=f"caption-{item_id}", captioner="blend",
            footage=footage, claims=said, dense=" ".join(claim.text for claim in said), failed=(failed,),
            questions=QUESTIONS if mode == "blind" else (), title=f"Squares of {item_id}",
        ),
        value=Value(
            severity=severity, disagreement=1.0, why=(Why(factor="severity", value=severity, words="1 of 9 failed"),)
        ),
        overlap=overlap,
        truths=TRUTHS if mode == "blind" else {},
    )  # fmt: skip


def _at(footage: Footage, share: float) -> int:
    frame = round(share * footage.frames)
    length_us = round(frame * footage.rate_den * 1_000_000 / footage.rate_num)
    return min(footage.start_us + length_us, footage.end_us)
