"""blockiness: how much the blocks of an encoder show."""

from curate.score.measured import Measured, typical
from curate.score.window import Window


def blockiness(window: Window) -> Measured | None:
    """How much larger luma steps at the edges of blocks of 8 columns are than those beside them, usual frame.

    1: no blocks; over 1.5 they are seen; 3: hard. (After Wang, Bovik and Evans 2000.) Blocks that were scaled with the
    picture lie elsewhere and are not found. Nothing for a clip without a measured frame.
    """
    return typical(window.details.blockiness)
