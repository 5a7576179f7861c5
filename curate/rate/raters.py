"""All raters, by kind."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from curate.rate.aesthetic import aesthetic
from curate.rate.clip import clip
from curate.rate.nsfw import nsfw
from curate.rate.quality import quality
from curate.rate.rating import Rater, RaterKind, Rating

RATERS: Mapping[RaterKind, Callable[[Rater], Rating]] = MappingProxyType(
    {
        "clip": clip,
        "aesthetic": aesthetic,
        "nsfw": nsfw,
        "quality": quality,
    }
)
