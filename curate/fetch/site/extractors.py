"""The sites that yt-dlp knows."""

from yt_dlp.extractor.extractors import _CLASS_LOOKUP as EXTRACTORS


def known(uri: str) -> bool:
    """Whether an extractor for one site, that is said to work, takes this URL."""
    return any(name != "GenericIE" and one.suitable(uri) and one.working() for name, one in EXTRACTORS.items())
