"""What storage says when it is in trouble, as a sentence with a cure: that is never the fault of a row.

The object store, Delta and polars each wrap such an error in their own, so it is known by its words.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import polars as pl
from deltalake.exceptions import DeltaError
from obstore.exceptions import BaseError

from curate.errors import LakeError

T = TypeVar("T")

_BROKEN_OFF = ("error reading a body", "request or response body error")
_PAUSES_S = (0.1, 0.5, 2.0)
_ROOM = "make room on the disk of the lake, and on that of temporary files (TMPDIR)"
_KEYS = "give valid keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
REFUSED_KEYS: Mapping[str, str] = {
    "ExpiredToken": _KEYS,
    "InvalidAccessKeyId": _KEYS,
    "InvalidToken": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "TokenRefreshRequired": _KEYS,
    "RequestTimeTooSkewed": "set the clock of this machine",
}
"""Codes of S3 by which the keys are refused, whatever is asked for, and what can be done."""
CURES: Mapping[str, str] = {
    **REFUSED_KEYS,
    "AccessDenied": "see to what these keys may do",
    "No space left on device": _ROOM,
    "Disk quota exceeded": _ROOM,
    "Read-only file system": "see to the disk, which is read-only now",
    "retry_timeout": "see that storage answers (AWS_ENDPOINT_URL)",  # it was asked again and again
    **dict.fromkeys(_BROKEN_OFF, "see to the network: answers of storage break off"),
}
"""What is said, and what can be done."""


def once_more(work: Callable[[], T]) -> T:
    """What `work` gives; again where an answer broke off, which is all that Delta does not try again itself."""
    for pause_s in _PAUSES_S:
        try:
            return work()
        except (OSError, DeltaError) as error:
            if not any(words in str(error) for words in _BROKEN_OFF):
                raise
        time.sleep(pause_s)
    return work()


def refuses_keys(error: BaseException) -> str | None:
    """The code by which S3 refuses the keys; None where it does not."""
    return next((code for code in REFUSED_KEYS if f"<Code>{code}</Code>" in str(error)), None)


def reason(error: BaseException) -> str:
    """The innermost cause that the object store tells, in a line; of what S3 answers, its code."""
    said = str(error)
    if code := re.search(r"<Code>(\w+)</Code>", said):
        return code[1]
    causes = re.sub(r"\x1b\[\d*m", "", said).partition("\nDebug source:")[0]
    *_, last = (line for line in causes.splitlines() if line.strip())
    return last.strip(" \u21b3")[:300]


def cure(error: BaseException) -> str | None:
    """What can be done about an error of storage; None where it may be anything."""
    said = str(error)
    return next((help_ for words, help_ in CURES.items() if words in said), None)


def told(error: BaseException) -> str:
    """The reason, and what can be done where that is known."""
    help_ = cure(error)
    return reason(error) if help_ is None else f"{reason(error)}; {help_}, and run again"


@contextmanager
def told_as_trouble() -> Iterator[None]:
    """An error by which storage says that it is in trouble is a LakeError; any other stays what it is."""
    try:
        yield
    except (OSError, BaseError, DeltaError, pl.exceptions.PolarsError) as error:
        if cure(error) is None:
            raise
        raise LakeError(f"storage is in trouble: {told(error)}") from error
