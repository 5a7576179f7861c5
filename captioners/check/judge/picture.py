"""Statements about the picture."""

from captioners import certainty, degrees, readings
from captioners.check.judge.finding import Court, Finding, Judge, agrees
from captioners.check.reader.said import Said

SHARE = 0.08
"""How far a said share may be from the measured one."""


def duration(court: Court, said: Said) -> Finding:
    length = court.it.seconds(court.it.clip.end_us)
    return agrees(said.number is not None and abs(said.number - length) <= max(0.25, 0.05 * length))


def brightness(court: Court, said: Said) -> Finding:
    luma = readings.value(court.it.evidence, "brightness")
    if luma is None:
        return "unverifiable"
    near = {degrees.brightness(luma - 6), degrees.brightness(luma + 6)}
    return agrees((said.value in near) is not said.absent)


def palette(court: Court, said: Said) -> Finding:
    tones = {tone.name: tone.share for tone in readings.palette(court.it.evidence)}
    if not tones:
        return "unverifiable"
    share = tones.get(said.value or "")
    return agrees(share is not None and (said.number is None or abs(said.number - share) <= SHARE))


def colour(_court: Court, _said: Said) -> Finding:
    """A colour that is only mentioned is that of some thing, which nobody measured."""
    return "unverifiable"


def camera(court: Court, said: Said) -> Finding:
    kind = readings.camera_kind(court.it.evidence)
    if kind is None or (kind == "mixed" and said.value not in {"static", "mixed"}):
        return "unverifiable"
    return agrees((said.value == kind) is not said.absent)


def movement(court: Court, said: Said) -> Finding:
    flow = readings.value(court.it.evidence, "local_motion")
    if flow is None:
        return "unverifiable"
    if said.value == "none":
        return agrees(flow < degrees.MOVING_PX_S)
    if degrees.STILL_PX_S <= flow < degrees.MOVING_PX_S:
        return "unverifiable"
    return agrees(said.value in {degrees.amount(flow * 0.85), degrees.amount(flow * 1.15)})


def drift(court: Court, said: Said) -> Finding:
    way = certainty.drift(court.it.evidence)
    return "unverifiable" if way is None else agrees((said.value == way) is not said.absent)


def passing(court: Court, said: Said) -> Finding:
    """One thing may go against the others: that is no contradiction."""
    way = certainty.drift(court.it.evidence)
    return "supported" if way is not None and said.value == way and not said.absent else "unverifiable"


def share_of(metric: str) -> Judge:
    """A judge of how much of the clip or the frame is frozen, black or barred."""

    def judge(court: Court, said: Said) -> Finding:
        bars = metric == "border_share"
        share = certainty.bars(court.it.evidence) if bars else readings.value(court.it.evidence, metric)
        if share is None:
            return "unverifiable"
        if said.absent:
            return agrees(share < SHARE)
        return agrees(share > 0 if said.number is None else abs(said.number - share) <= SHARE)

    return judge
