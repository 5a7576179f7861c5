"""The number of tokens that a text encoder makes of a text."""

from pathlib import Path

from tokenizers import Tokenizer

from captioners.render.draft import Count
from curate.errors import UsageError


def tokenizer(path: Path) -> Count:
    """Count by a `tokenizer.json`: all tokens, those that the encoder adds itself too, nothing cut off or padded."""
    try:
        loaded = Tokenizer.from_str(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"the tokenizer {path} cannot be read: {error.strerror}") from error
    except Exception as error:  # tokenizers raises nothing more special
        raise UsageError(f"{path} is no tokenizer.json of the tokenizers library: {error}") from error
    loaded.no_truncation()
    loaded.no_padding()
    return lambda text: len(loaded.encode(text).ids)
