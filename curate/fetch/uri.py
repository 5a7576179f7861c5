"""One spelling for each URI, and the key made of it."""

import hashlib
import os
import posixpath
import re
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_CANONICAL = re.compile(
    r"https?://[a-z0-9.-]+/[A-Za-z0-9._~/+,;=&:@-]*(?:\?[!-\"$-~]*)?"
)  # most are, and it is quick to see
_NO_TEXT = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8, as Python has it from the command line
_PORTS = {"http": 80, "https": 443}
_SAFE = "/:@!$&'()*+,;=~"  # in a path; letters, digits and -._ always are


def scheme(uri: str) -> str | None:
    """The scheme of a URI, in lower case; None for a plain path."""
    found = _SCHEME.match(uri)
    return found.group().lower() if found else None


def normalise(uri: str, folder: Path | None = None) -> str:
    """The canonical URI of a path or URI; a relative path is below `folder`, by default the current one.

    Paths become `file://` with percent-encoded bytes. Of http(s), scheme and host are put in lower case and default
    port and fragment are dropped; the query is kept as it is. Any other URI, `s3://` too, keeps its exact spelling.
    """
    if _CANONICAL.fullmatch(uri):
        return uri
    kind = scheme(uri)
    if kind is None:
        return _file_uri(os.fsencode((folder or Path.cwd()) / uri))
    uri = _NO_TEXT.sub(lambda found: f"%{ord(found[0]) - 0xDC00:02X}", uri)
    if kind == "file":
        return _file_uri(unquote_to_bytes(urlsplit(uri)._replace(query="", fragment="").path))
    if kind in _PORTS:
        return _web_uri(uri, kind)
    return kind + uri[len(kind) :]


def _file_uri(path: bytes) -> str:
    return "file://" + quote(posixpath.normpath(path), safe=_SAFE)


def _web_uri(uri: str, kind: str) -> str:
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:  # no URL: kept as it was written, and `fetch` says so
        return uri
    host = f"[{host}]" if ":" in host else host
    user, at, _ = parts.netloc.rpartition("@")
    shown = "" if port in (None, _PORTS[kind]) else f":{port}"
    path = quote(_ESCAPE.sub(_escape, parts.path), safe=_SAFE + "%")
    return urlunsplit((kind, f"{user}{at}{host}{shown}", path or "/", parts.query, ""))


def _escape(escape: re.Match[str]) -> str:
    """One spelling of a percent-escape: unreserved characters as themselves, others in upper case (RFC 3986, 6.2.2)."""
    letter = chr(int(escape.group()[1:], 16))
    return letter if letter.isascii() and (letter.isalnum() or letter in "-._~") else escape.group().upper()


def local_path(uri: str) -> Path:
    """The path of a `file://` URI of this machine."""
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(uri).path)))


def source_id(uri: str) -> str:
    """The key of a source: sha256 of its normalised URI, in hex."""
    return hashlib.sha256(uri.encode()).hexdigest()
