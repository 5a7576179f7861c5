"""URIs for people's eyes: what opens a door stays out of terminals, logs and reports."""

import re

_WEB = re.compile(r"(https?://)(?:[^/?#]*@)?([^?#]*)(?:\?([^#]*))?(#.*)?", re.I | re.S)
_URI = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"<>`]+", re.I)
_SECRET = re.compile(r"sig|token|key|secret|pass|pwd|auth|cred|policy|session|hmac|jwt|hdn", re.I)


def shown_uri(uri: str) -> str:
    """A URI without its login, and with `…` in the place of each value of its query whose name speaks of a secret.

    Only for showing: the `uri` of a source stays what it is.
    """
    found = _WEB.fullmatch(uri)
    if found is None:  # of other schemes: a login in front of the host at most
        return (
            re.sub(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", r"\1", uri, flags=re.I) if not uri.startswith("file:") else uri
        )
    scheme, place, query, fragment = found.groups()
    parts = [] if query is None else ["?", "&".join(_shown(part) for part in query.split("&"))]
    return "".join((scheme, place, *parts, fragment or ""))


def shown_text(text: str) -> str:
    """A text with each URI in it as `shown_uri` shows it."""
    return _URI.sub(lambda found: shown_uri(found[0]), text)


def _shown(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name}=…" if equals and value and _SECRET.search(name) else part
