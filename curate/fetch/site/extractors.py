"""The sites that yt-dlp knows."""

from yt_dlp.extractor.extractors import _CLASS_LOOKUP as EXTRACTORS


def known(uri: str) -> bool:
    """Whether an extractor for one site, that is said to work, takes this URL."""
    try:
        return any(name != "GenericIE" and one.suitable(uri) and one.working() for name, one in EXTRACTORS.items())
    except ValueError:  # no URL: some of them take it apart
        return False
