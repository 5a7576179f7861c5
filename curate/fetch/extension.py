"""What the name of a file promises."""

from pathlib import PurePosixPath

EXTENSIONS = frozenset((
    "", ".3g2", ".3gp", ".aac", ".aif", ".aiff", ".amr", ".apng", ".asf", ".avi", ".avif", ".bmp", ".divx", ".f4v",
    ".flac", ".flv", ".gif", ".h264", ".heic", ".heif", ".hevc", ".ivf", ".jfif", ".jpe", ".jpeg", ".jpg", ".jxl",
    ".m2ts", ".m4a", ".m4v", ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf",
    ".oga", ".ogg", ".ogv", ".opus", ".png", ".qt", ".tif", ".tiff", ".ts", ".vob", ".wav", ".weba", ".webm",
    ".webp", ".wma", ".wmv",
))  # fmt: skip
"""What is taken from a folder or bucket; a file that is named itself is always taken. In lower case."""


def is_media(name: str) -> bool:
    """Whether the name of a file is that of a media, or has no extension."""
    return PurePosixPath(name).suffix.lower() in EXTENSIONS
