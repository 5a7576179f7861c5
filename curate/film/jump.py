"""A jump cut: the same scene, taken up again from beside, from nearer, or later."""

from dataclasses import replace

import numpy as np

from curate.film.script import Prop, Take

ASIDE_PX, UP_PX = (25, 90), 20  # how far the camera is moved, at 256 px short side
NEARER = (1.1, 1.3)


def taken_up(before: Take, lasted_s: float, span: tuple[int, int], rng: np.random.Generator) -> Take:
    """The take that follows `before`, which lasted so long, on the frames `span`: the camera goes on from elsewhere."""
    move = before.move
    aside = float(rng.choice([-1, 1]) * rng.uniform(*ASIDE_PX))
    nearer = float(rng.uniform(*NEARER)) if rng.random() < 0.4 else 1.0
    return replace(
        before,
        first_frame=span[0],
        end_frame=span[1],
        x_px=before.x_px + move.pan_x_px_s * lasted_s + round(aside, 1),
        y_px=before.y_px + move.pan_y_px_s * lasted_s + round(float(rng.uniform(-UP_PX, UP_PX)), 1),
        scale=round(before.scale * nearer, 4),
        frozen=None,
    )


def turned_back(props: tuple[Prop, ...], area: tuple[float, float, float, float], slower: float) -> tuple[Prop, ...]:
    """area: left, top, width, height. The things on the other side of it, on their way back."""
    left, top, wide, high = area
    return tuple(
        replace(
            prop,
            x=2 * left + wide - prop.x if prop.x_per_s else prop.x,
            y=2 * top + high - prop.y if prop.y_per_s else prop.y,
            x_per_s=-prop.x_per_s * slower,
            y_per_s=-prop.y_per_s * slower,
        )
        for prop in props
    )
