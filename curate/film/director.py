"""Writes a script from a seed, so that a film of a minute has everything in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from curate.film.ball import hits
from curate.film.jump import taken_up, turned_back
from curate.film.lettering import letter
from curate.film.script import Copy, Crop, Join, Move, Prop, Script, Take, Title, Wipe
from curate.film.shapes import COLOURS, SHAPES
from curate.film.spec import FilmSpec
from curate.film.world import SCENES, palette, tile_rng
from schemas.truth import ColourName, JoinKind

T = TypeVar("T")

WORDS = (
    "BREAKING NEWS", "Chapter One", "Open 9:30 am", "SALE ENDS SUNDAY", "Speed limit 50", "Add 200 g of flour",
    "Where are you?", "Good morning", "Platform 7", "The Long Road Home", "Lions 24 Tigers 17", "EMERGENCY EXIT",
    "Made by hand", "Two years later", "Population 1482300", "Next stop: Museum", "Please keep quiet", "FRESH BREAD",
    "Room 305", "Welcome back!", "Step 2 of 6", "Harbour View", "July 14, 1989", "Do not feed the birds", "PLAY",
    "Low battery 12%", "Written by Joan Ek", "East Gate",
)  # fmt: skip
"""What may be written on screen."""

_MOVES = (
    "static", "pan right", "zoom in", "tilt up", "static", "roll", "pan left", "zoom out", "shake", "tilt down",
)  # fmt: skip
_MANY = 8  # shots from which on a film has room for every ingredient


def draw_script(spec: FilmSpec) -> Script:
    """The same spec gives the same script."""
    rng = np.random.default_rng((spec.seed, 1))
    pts_us, end_us = clock(spec, rng)
    count = _shot_count(spec, len(pts_us))
    roles = _roles(count, rng)
    joins = _joins(_bounds(len(pts_us), roles, spec, count, rng), roles, spec, rng)
    takes = _takes(spec, joins, len(pts_us), roles, rng)
    script = Script(spec, pts_us, end_us, takes, joins)
    script = replace(script, titles=_titles(script, roles, rng))
    script = replace(script, takes=tuple(_with_props(script, k, roles, rng) for k in range(count)))
    script = replace(script, takes=_with_jumps(script))
    script = replace(script, flashes=_flashes(script, roles, rng) if spec.flashes else ())
    return replace(script, hits_us=hits(spec.seed, end_us)) if spec.ball else script


def clock(spec: FilmSpec, rng: np.random.Generator) -> tuple[tuple[int, ...], int]:
    """The pts of every frame, and the end."""
    frame_us = 1e6 / spec.fps
    if not spec.vfr:
        count = max(1, round(spec.seconds * spec.fps))
        return tuple(round(k * frame_us) for k in range(count)), round(count * frame_us)
    lasts = rng.choice([0.5, 0.75, 1.0, 1.0, 1.5, 2.0], size=int(spec.seconds * spec.fps * 2))
    ends = np.round(np.cumsum(lasts) * frame_us).astype(int)
    count = int(np.searchsorted(ends, spec.seconds * 1e6)) + 1
    return (0, *(int(e) for e in ends[: count - 1])), int(ends[count - 1])


def deal(items: Sequence[T], count: int, rng: np.random.Generator) -> list[T]:
    """`count` items: all of them in a new order, again and again."""
    dealt: list[T] = []
    while len(dealt) < count:
        dealt += [items[k] for k in rng.permutation(len(items))]
    return dealt[:count]


@dataclass(frozen=True, slots=True)
class _Roles:
    """Which shots are something special; all are different."""

    black: int | None
    copy: int | None
    original: int | None
    frozen: int | None
    letterbox: frozenset[int]
    pillarbox: int | None


def _shot_count(spec: FilmSpec, frames: int) -> int:
    mean_s = min(max(spec.seconds / 16, 2.0), 4.5)
    return max(1, min(round(spec.seconds / mean_s), frames // 20))


def _roles(count: int, rng: np.random.Generator) -> _Roles:
    if count < _MANY:
        return _Roles(None, None, None, None, frozenset({int(rng.integers(count))} if count > 1 else ()), None)
    copy = int(rng.integers(count - 3, count))
    original = int(rng.integers(0, 3))
    rest = [int(k) for k in rng.permutation(np.arange(3, count - 3))] if count > 8 else [3, 4]
    black = rest.pop()
    frozen = rest.pop()
    others = [k for k in range(count) if k not in (copy, original, black, frozen)]
    wide = [others[k] for k in rng.permutation(len(others))[:3]]
    return _Roles(black, copy, original, frozen, frozenset(wide[:2]), wide[2])


_RATE = 0.9  # of a copy


def _bounds(frames: int, roles: _Roles, spec: FilmSpec, count: int, rng: np.random.Generator) -> list[int]:
    """First frame of each shot, were all joins cuts, and the number of frames."""
    share = rng.uniform(0.75, 1.25, count)
    if roles.frozen is not None:
        share[roles.frozen] = 1.25
    if roles.copy is not None and roles.original is not None:
        share[roles.copy] = share[roles.original] * 0.85 / _RATE
    if roles.black is not None:
        share[roles.black] = 0
        share[roles.black] = share.sum() * min(1.2 / spec.seconds, 0.05)
    ends = np.round(np.cumsum(share) / share.sum() * frames).astype(int)
    return [0, *(int(e) for e in ends)]


def _joins(bounds: list[int], roles: _Roles, spec: FilmSpec, rng: np.random.Generator) -> tuple[Join, ...]:
    optional: tuple[tuple[JoinKind, bool], ...] = (("wipe", spec.wipes), ("jump", spec.jumps))
    asked = tuple(kind for kind, wanted in optional if wanted)
    first: tuple[JoinKind, ...] = ("cut", "dissolve", "fade", *asked)
    rest: tuple[JoinKind, ...] = ("cut", "cut", "dissolve", "fade", *asked)
    count = len(bounds) - 2
    kinds = (deal(first, len(first), rng) + deal(rest, max(count - len(first), 0), rng))[:count]
    joins = [Join("cut", 0, 0)] if bounds[1] == 0 else []
    for k, kind in enumerate(kinds):
        touched = {k, k + 1}
        special = touched & {roles.black, roles.copy}
        special |= touched & {roles.original, roles.frozen} if kind == "jump" else set()
        joins.append(_join("cut" if special else kind, bounds[k : k + 3], rng))
    return tuple(joins)


def _join(kind: JoinKind, around: list[int], rng: np.random.Generator) -> Join:
    at = around[1]
    room = min(around[1] - around[0], around[2] - around[1])
    if kind in ("cut", "jump"):
        return Join(kind, at, at)
    if kind in ("dissolve", "wipe"):
        length = min(int(rng.integers(8, 26)), max(8, int(room * 0.45)))
        join = Join(kind, at - length // 2, at - length // 2 + length)
        return replace(join, wipe=_wipe(rng)) if kind == "wipe" else join
    ramp = min(int(rng.integers(6, 15)), max(4, int(room * 0.18)))
    hold = min(int(rng.integers(2, 8)), max(2, room // 12))
    return Join("fade", at - ramp - hold // 2, at - hold // 2 + hold + ramp, hold)


def _wipe(rng: np.random.Generator) -> Wipe:
    ways: tuple[Literal["left", "right", "up", "down"], ...] = ("left", "right", "up", "down")
    return Wipe(ways[rng.integers(4)], float(rng.choice([0.0, 0.1, 0.3])))


def _takes(
    spec: FilmSpec, joins: tuple[Join, ...], frames: int, roles: _Roles, rng: np.random.Generator
) -> tuple[Take, ...]:
    count = len(joins) + 1
    edges = [0, *(edge for join in joins for edge in (join.first_frame, join.end_frame)), frames]
    moves = iter(_deal_moves(max(count, len(_MOVES)), rng))
    scenes = deal(tuple(SCENES), count, rng)
    hue, values = float(rng.random()), deal((0.45, 0.85, 0.6), count, rng)
    takes: list[Take] = []
    for k in range(count):
        first, end = edges[2 * k], edges[2 * k + 1]
        crop = _crop(spec, k, roles, rng)
        if k == roles.black:
            takes.append(Take(first, end, "black", Crop(0, 0, *spec.size)))
            continue
        if k == roles.copy and roles.original is not None:
            copy = Copy(roles.original, round(float(rng.uniform(1.03, 1.06)), 3), 1.08, _RATE)
            takes.append(replace(takes[roles.original], first_frame=first, end_frame=end, copy=copy))
            continue
        if k and joins[k - 1].kind == "jump":
            scenes[k], before = scenes[k - 1], takes[-1]
            lasted_s = (before.end_frame - before.first_frame) / spec.fps
            takes.append(taken_up(before, lasted_s, (first, end), rng))
            continue
        if k and scenes[k] == scenes[k - 1]:
            scenes[k] = next(scene for scene in (scenes[k - 2], *SCENES) if scene != scenes[k - 1])
        kind = "pan right" if k == roles.frozen else next(moves)
        move = _move(kind, rng)
        zoomed_out = (end - first) / spec.fps * max(0.0, -move.zoom_per_s) * 1.3
        seed = int(rng.integers(2**31))
        frozen = _frozen(first, end, spec.fps) if k == roles.frozen else None
        tone = (hue + 0.382 * k) % 1
        scale = round(float(np.exp(zoomed_out)), 4)
        takes.append(Take(first, end, scenes[k], crop, tone, values[k], seed, move, scale, (), frozen))
    return tuple(takes)


def _deal_moves(count: int, rng: np.random.Generator) -> list[str]:
    """One of the first four is a static camera."""
    moves = deal(_MOVES, count, rng)
    if "static" not in moves[:4] and "static" in moves:
        there, here = moves.index("static"), int(rng.integers(4))
        moves[here], moves[there] = moves[there], moves[here]
    return moves


def _move(kind: str, rng: np.random.Generator) -> Move:
    word, _, way = kind.partition(" ")
    sign = -1.0 if way in ("left", "up", "out") else 1.0
    match word:
        case "pan":
            return Move("pan", pan_x_px_s=sign * round(rng.uniform(20, 60), 1))
        case "tilt":
            return Move("tilt", pan_y_px_s=sign * round(rng.uniform(15, 40), 1))
        case "zoom":
            return Move("zoom", zoom_per_s=sign * round(rng.uniform(0.08, 0.22), 3))
        case "roll":
            return Move("roll", roll_deg_s=round(float(rng.choice([-1, 1]) * rng.uniform(5, 12)), 1))
        case "shake":
            return Move("shake", shake_px=round(rng.uniform(1.2, 2.5), 2), seed=int(rng.integers(2**31)))
    return Move()


def _crop(spec: FilmSpec, k: int, roles: _Roles, rng: np.random.Generator) -> Crop:
    width, height = spec.size
    if k in roles.letterbox:
        bar = int(height * rng.uniform(0.09, 0.15)) // 2 * 2
        return Crop(0, bar, width, height - 2 * bar)
    if k == roles.pillarbox:
        bar = int(width * rng.uniform(0.1, 0.2)) // 2 * 2
        return Crop(bar, 0, width - 2 * bar, height)
    return Crop(0, 0, width, height)


def _frozen(first: int, end: int, fps: float) -> tuple[int, int]:
    length = max(4, min(round(1.2 * fps), (end - first) // 3))
    start = first + (end - first - length) // 2
    return start, start + length


def _titles(script: Script, roles: _Roles, rng: np.random.Generator) -> tuple[Title, ...]:
    barred = {roles.black, roles.copy, roles.frozen}
    long = [k for k, t in enumerate(script.takes) if k not in barred and t.end_frame - t.first_frame >= script.spec.fps]
    chosen = sorted(int(k) for k in rng.permutation(long)[: max(1, round(len(long) * 0.6))])
    words = deal(WORDS, len(chosen), rng)
    styles = deal(("title", "subtitle", "plate"), len(chosen), rng)
    titles = []
    for k, text, style in zip(chosen, words, styles, strict=True):
        take = script.takes[k]
        length = take.end_frame - take.first_frame
        first = take.first_frame + int(length * rng.uniform(0.08, 0.2))
        titles.append(_title(text, style, take.crop, (first, first + int(length * rng.uniform(0.6, 0.75)))))
    return tuple(titles)


def _title(text: str, style: str, crop: Crop, span: tuple[int, int]) -> Title:
    short = min(crop.width, crop.height)
    capital = short * {"title": 0.12, "subtitle": 0.085, "plate": 0.075}[style]
    drawn = letter(text, capital)
    while drawn.fill.shape[1] > crop.width * 0.94:
        capital *= 0.94
        drawn = letter(text, capital)
    high, wide = (n - 2 * drawn.margin for n in drawn.fill.shape)
    middle = crop.x + (crop.width - wide) // 2
    if style == "plate":
        left, top = crop.x + round(capital) + drawn.margin, crop.y + round(capital * 0.9) + drawn.margin
        left = min(left, crop.x + crop.width - wide - 2 * drawn.margin)
        return Title(text, capital, left, top, *span, (255, 255, 255), (20, 30, 110))
    colour = (255, 228, 60) if style == "title" else (255, 255, 255)
    below = crop.y + crop.height - high - drawn.margin - round(capital * 0.5)
    top = crop.y + drawn.margin + round(capital * 0.5) if style == "title" else below
    return Title(text, capital, middle, top, *span, colour, None)


def _with_props(script: Script, k: int, roles: _Roles, rng: np.random.Generator) -> Take:
    take = script.takes[k]
    if k == roles.copy and roles.original is not None:
        return replace(take, props=_props(script, roles.original, np.random.default_rng((script.spec.seed, 9))))
    if k == roles.original:
        return replace(take, props=_props(script, k, np.random.default_rng((script.spec.seed, 9))))
    bare = take.scene == "black" or take.move.kind in ("roll", "shake") or k == roles.frozen
    if bare or (take.move.kind != "static" and rng.random() < 0.5):
        return take
    return replace(take, props=_props(script, k, rng))


def _props(script: Script, k: int, rng: np.random.Generator) -> tuple[Prop, ...]:
    """One or two kinds of things, each on a lane of its own."""
    take = script.takes[k]
    left, top, wide, high = _stage_area(script, take)
    kinds = list(zip(deal(tuple(SHAPES), 2, rng), _clear_colours(take, rng)[:2], strict=True))
    counts = [int(rng.integers(1, 4)), int(rng.integers(0, 3))]
    if take.move.kind != "static":
        counts = [min(counts[0], 2), 0]  # the background must stay the greater part of what moves
    lanes = [kind for kind, count in zip(kinds, counts, strict=True) for _ in range(count)]
    across = bool(rng.random() < 0.6)
    along, over = (wide, high) if across else (high, wide)
    largest = 0.34 if take.move.kind == "static" else 0.26
    side = float(round(min(over / len(lanes) * 0.8, min(wide, high) * largest)))
    seconds = (take.end_frame - take.first_frame) / script.spec.fps + 0.6
    signs = {kind: float(rng.choice([-1, 1])) for kind in kinds}
    speeds = {kind: float((along - side) * rng.uniform(0.45, 0.8) / seconds) for kind in kinds}
    props = []
    for lane, (shape, colour) in enumerate(lanes):
        speed = signs[shape, colour] * speeds[shape, colour]
        room = along - side - abs(speed) * seconds
        start = side / 2 + rng.uniform(0, 1) * room + (abs(speed) * seconds if speed < 0 else 0) + speed * 0.3
        cross = (lane + 0.5) * over / len(lanes)
        x, y = (left + start, top + cross) if across else (left + cross, top + start)
        props.append(Prop(shape, colour, side, x, y, speed if across else 0.0, 0.0 if across else speed))
    return tuple(props)


def _with_jumps(script: Script) -> tuple[Take, ...]:
    """The takes; after a jump cut the things of the one before are on their way back."""
    takes = list(script.takes)
    for k, join in enumerate(script.joins):
        if join.kind == "jump":
            before, take = takes[k], takes[k + 1]
            slower = min(1.0, (before.end_frame - before.first_frame) / (take.end_frame - take.first_frame))
            takes[k + 1] = replace(take, props=turned_back(before.props, _stage_area(script, before), slower))
    return tuple(takes)


def _clear_colours(take: Take, rng: np.random.Generator) -> list[ColourName]:
    """The five colours that are farthest from those of the background, in a new order."""
    ground = 255 * palette(take.hue, take.value, tile_rng(take.seed))
    away = {name: np.linalg.norm(ground - np.array(rgb), axis=1).min() for name, rgb in COLOURS.items()}
    return deal(sorted(COLOURS, key=lambda name: -away[name])[:5], 5, rng)


def _stage_area(script: Script, take: Take) -> tuple[float, float, float, float]:
    """Left, top, width, height of the picture where no words are."""
    top, bottom = float(take.crop.y), float(take.crop.y + take.crop.height)
    for title in script.titles:
        if take.first_frame <= title.first_frame < take.end_frame:
            room = letter(title.text, title.capital_px).fill.shape[0] + title.capital_px * 0.5
            if title.top < take.crop.y + take.crop.height / 2:
                top = title.top + room
            else:
                bottom = title.top - title.capital_px * 0.5
    return float(take.crop.x), top, float(take.crop.width), bottom - top


def _flashes(script: Script, roles: _Roles, rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    found = []
    for k, take in enumerate(script.takes):
        if k in (roles.black, roles.frozen) or rng.random() < 0.5:
            continue
        at = (take.first_frame + take.end_frame) // 2
        found.append((at, at + int(rng.integers(1, 3))))
    if not found:
        take = script.takes[0]
        at = (take.first_frame + take.end_frame) // 2
        found.append((at, at + 1))
    return tuple(found)
