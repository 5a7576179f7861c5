"""What of an item a person may see, by the phase of their seat. The rest is withheld here; no page has to hide it."""

from collections.abc import Sequence

from curate.review.ageing import aged, worth
from curate.review.desk import Desk
from curate.review.wire import Content, Draft, ItemShown, Value


def visible(content: Content, phase: str) -> Content:
    """From scratch, nothing that the machine said; blind, the text and the questions alone."""
    if phase == "scratch":
        nothing = {"claims": (), "dense": "", "failed": (), "questions": (), "title": None, "captioner": ""}
        return content.model_copy(update=nothing)
    if phase == "blind":
        return content.model_copy(update={"failed": (), "title": None, "captioner": ""})
    return content


def shows_footage(phase: str) -> bool:
    """Whether the clip may be seen and heard."""
    return phase != "blind"


def item_shown(
    desk: Desk, content: Content, value: Value, score: float, added_us: int, head: tuple[str, str, str],
    others: Sequence[Draft] = (),
) -> ItemShown:  # fmt: skip
    """An item as the holder of one of its seats sees it. `head`: its id, mode and phase."""
    now_us, doubling_s = desk.clock(), desk.policy.doubling_s
    item_id, mode, phase = head
    why = () if phase in ("scratch", "blind") else value.why  # they tell what is wrong with the machine's text
    return ItemShown.model_validate(
        {
            "item_id": item_id, "mode": mode, "phase": phase, "content": visible(content, phase),
            "why": (*why, aged(added_us, now_us, doubling_s)), "worth": worth(score, now_us, doubling_s),
            "others": tuple(others),
        }
    )  # fmt: skip
