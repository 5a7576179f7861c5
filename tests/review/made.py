"""Items for tests, and what people make of them."""

from pathlib import Path

from curate.review.wire import (
    FACETS,
    ClaimShown,
    ClaimWork,
    Content,
    Draft,
    FailedShown,
    Footage,
    Given,
    NewItem,
    Planted,
    QuestionShown,
    Value,
    Why,
)
from schemas.caption import Mode

SECOND = 1_000_000
FOOTAGE = Footage(
    start_us=2 * SECOND, end_us=6 * SECOND, width=320, height=180, frames=100, rate_num=25, rate_den=1, sound=True
)
CLAIMS = (
    ClaimShown(claim_id="c#0", facet="subject", start_us=2 * SECOND, end_us=6 * SECOND, text="A red ball.",
               origin="vlm"),
    ClaimShown(claim_id="c#1", facet="action", start_us=3 * SECOND, end_us=4 * SECOND,
               text="It rolls from left to right.", origin="vlm", uncertain=True),
    ClaimShown(claim_id="c#2", facet="event", start_us=4 * SECOND, end_us=5 * SECOND, text="A knock is heard.",
               origin="sound"),
)  # fmt: skip
FAILED = FailedShown(
    axis="colour", question="What colour is the ball?", start_us=2 * SECOND, end_us=6 * SECOND, truth="blue",
    answer="red",
)  # fmt: skip
QUESTIONS = (
    QuestionShown(question_id="q0", axis="colour", text="What colour is the ball?", options=("red", "blue")),
    QuestionShown(question_id="q1", axis="event", text="What is heard?"),
)
TRUTHS = {"q0": "red", "q1": "a knock"}


def new_item(
    item_id: str, mode: Mode = "triage", severity: float = 1.0, overlap: int = 1,
    planted: tuple[Planted, ...] | None = None, clip_id: str | None = None,
) -> NewItem:  # fmt: skip
    """An item about a ball."""
    return NewItem(
        item_id=item_id,
        mode=mode,
        content=Content(
            clip_id=clip_id or f"clip-of-{item_id}", caption_id=f"caption-{item_id}", captioner="blend:made",
            footage=FOOTAGE, claims=CLAIMS, dense=" ".join(claim.text for claim in CLAIMS), failed=(FAILED,),
            questions=QUESTIONS if mode == "blind" else (), title="A ball rolls",
        ),
        value=Value(
            severity=severity, disagreement=1.5, why=(Why(factor="severity", value=severity, words="1 told wrong"),)
        ),
        overlap=overlap,
        planted=planted,
        truths=TRUTHS if mode == "blind" else {},
    )  # fmt: skip


def verdict(claim: ClaimShown, **changed: object) -> ClaimWork:
    """A claim found right, or otherwise by what is changed."""
    work = {
        "claim_id": claim.claim_id, "status": "right", "facet": claim.facet, "start_us": claim.start_us,
        "end_us": claim.end_us, "text": claim.text,
    }  # fmt: skip
    return ClaimWork.model_validate(work | changed)


def added(text: str = "A bell rings.", number: int = 0, start_us: int = 3 * SECOND) -> ClaimWork:
    """A claim of one's own."""
    return ClaimWork(
        claim_id=f"+{number}", status="added", facet="event", start_us=start_us, end_us=start_us + SECOND, text=text
    )


def work_done(*claims: ClaimWork, plays: int = 1, answers: tuple[Given, ...] = ()) -> Draft:
    """A draft that may be submitted: all found right, unless said otherwise."""
    return Draft(
        claims=claims or tuple(verdict(claim) for claim in CLAIMS),
        facets=dict.fromkeys(FACETS, "covered"),
        answers=answers,
        whole_plays=plays,
        active_ms=30_000,
    )


def answers(*given: str | None) -> tuple[Given, ...]:
    """Of a blind reader, in order."""
    return tuple(
        Given(question_id=question.question_id, answer=answer)
        for question, answer in zip(QUESTIONS, given, strict=True)
    )


class MadeClips:
    """Footage of one file for all clips."""

    def __init__(self, mp4: Path, thumbs: bytes = b"\xff\xd8made") -> None:
        self._mp4 = mp4
        self._thumbs = thumbs

    def mp4_path(self, clip_id: str) -> Path:
        return self._mp4

    def peaks(self, clip_id: str) -> tuple[int, bytes]:
        return 50, bytes([251, 5]) * 200

    def thumbs(self, clip_id: str) -> tuple[int, bytes]:
        return 8, self._thumbs
