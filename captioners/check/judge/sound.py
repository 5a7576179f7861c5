"""Statements about sound events, music, silence and loudness."""

from captioners import degrees, readings
from captioners.check.bank.sounds import NAMED
from captioners.check.judge.finding import Court, Finding, agrees
from captioners.check.reader.said import Said
from captioners.measured.sound import dynamics
from schemas.clip import Sound


def _rows(court: Court, kind: str) -> list[Sound]:
    return [row for row in court.it.evidence.sounds or () if row.kind == kind]


def event(court: Court, said: Said) -> Finding:
    if court.it.evidence.sounds is None:
        return "unverifiable" if readings.has_sound(court.it.evidence) else agrees(said.absent)
    rows = _rows(court, "event")
    if said.other:
        named = {item.value for item in court.prose.of("event")}
        return agrees(all(row.label in named for row in rows if row.label and court.it.sure(row.score)))
    if said.value is None:
        return agrees(bool(rows) is not said.absent)
    own = [row for row in rows if row.label == said.value]
    if said.absent:
        return agrees(not own) if said.value in NAMED or own else "unverifiable"
    if not own:
        return _unknown(court, said)
    return agrees(_counted(said, own) and _timed(court, said, own))


def _unknown(court: Court, said: Said) -> Finding:
    """A sound that the listeners did not name: false where there is silence, or where they would have named it."""
    silent = _rows(court, "silence")
    in_silence = bool(said.times) and all(
        any(court.it.seconds(gap.start_us) + 0.1 < time.start_s < court.it.seconds(gap.end_us) - 0.1 for gap in silent)
        for time in said.times
    )
    named = said.value in NAMED
    return "contradicted" if named or in_silence or not readings.has_sound(court.it.evidence) else "unverifiable"


def _counted(said: Said, rows: list[Sound]) -> bool:
    if said.count is None or (said.count == 1 and not said.times):
        return True
    if said.times and said.count != len(said.times):
        return False
    return said.count <= len(rows) if said.times else said.count == len(rows)


def _timed(court: Court, said: Said, rows: list[Sound]) -> bool:
    slack = court.it.rules.time_s
    for time in said.times:
        near = [row for row in rows if court.starts(time, row.start_us, slack)]
        if said.number is not None:
            near = [row for row in near if row.pitch_hz is None or _pitched(court, said.number, row.pitch_hz)]
        if not near:
            return False
    if said.number is not None and not said.times:
        return any(row.pitch_hz is None or _pitched(court, said.number, row.pitch_hz) for row in rows)
    return True


def _pitched(court: Court, said_hz: float, pitch_hz: float) -> bool:
    return abs(said_hz - pitch_hz) <= court.it.rules.pitch_share * pitch_hz + 1


def music(court: Court, said: Said) -> Finding:
    if court.it.evidence.sounds is None:
        return "unverifiable" if readings.has_sound(court.it.evidence) else agrees(said.absent)
    rows = _rows(court, "music")
    if said.absent or not rows:
        return agrees(bool(rows) is not said.absent)
    return agrees(any(_plays(court, said, row) for row in rows))


def _plays(court: Court, said: Said, row: Sound) -> bool:
    slack = court.it.rules.time_s
    tempo = said.number is None or row.tempo_bpm is None or _same_tempo(court, said.number, row.tempo_bpm)
    key = said.key is None or row.key is None or said.key == row.key
    metre = said.metre is None or row.metre is None or said.metre == row.metre
    course = said.course is None or not row.parts or said.course == dynamics(row.parts)
    return (
        tempo
        and key
        and metre
        and course
        and all(court.covers(time, row.start_us, row.end_us, slack) for time in said.times)
    )


def _same_tempo(court: Court, said_bpm: float, tempo_bpm: float) -> bool:
    return abs(said_bpm - tempo_bpm) <= court.it.rules.tempo_share * tempo_bpm


def silence(court: Court, said: Said) -> Finding:
    if court.it.evidence.sounds is None:
        return "unverifiable"
    rows, slack = _rows(court, "silence"), court.it.rules.time_s
    return agrees(all(any(court.covers(time, r.start_us, r.end_us, slack) for r in rows) for time in said.times))


def sound(court: Court, said: Said) -> Finding:
    evidence = court.it.evidence
    if evidence.media.audio is not None and readings.value(evidence, "silence_share") is None:
        return "unverifiable"
    return agrees(readings.has_sound(evidence) is not said.absent)


def loudness(court: Court, said: Said) -> Finding:
    lufs = readings.value(court.it.evidence, "loudness")
    if lufs is None:
        return "unverifiable"
    near = {degrees.volume(lufs - 1.5), degrees.volume(lufs + 1.5)}
    return agrees(said.value in near and (said.number is None or abs(said.number - lufs) <= 1.0))
