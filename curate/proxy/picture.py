"""The size of a proxy: in square pixels, no larger than a page shows it; nothing is cropped."""

from schemas.media import Picture


def proxy_size(picture: Picture, width: int, height: int) -> tuple[int, int]:
    """Width and height, both even, that fit in a box; never more than a pixel larger than the picture itself."""
    share = min(1.0, width / picture.width, height / picture.height)
    return _even(picture.width * share), _even(picture.height * share)


def _even(side: float) -> int:
    return max(2, 2 * round(side / 2))
