"""The two ways a link can fail to be read, worded as the TypeScript SDK words them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class UnreadableLinkError(RuntimeError):
    """A link is there, but its value cannot be read."""


class NoCipherError(RuntimeError):
    """This interpreter has no AES-GCM to open an encrypted file with."""


class MissingKeyError(KeyError):
    """A ``KeyError`` that prints as the sentence it carries, not as that sentence's ``repr``."""

    def __str__(self) -> str:
        return str(self.args[0])


def unreadable(source: str) -> UnreadableLinkError:
    """The error for a source that is there and cannot be read. It never repeats a value: it may be secret."""
    return UnreadableLinkError(
        f"Cannot read {source}: missing, damaged or not a JSON object. Deploy again."
    )


def missing(owner: str, name: str, known: Iterable[str]) -> str:
    """What is missing, what was probably meant, what is there, and what to do."""
    known = list(known)
    meant = next((other for other in known if _near(name, other, 2)), None)
    question = f" Did you mean {meant}?" if meant is not None else ""
    listed = ", ".join(known) or "nothing"
    way_out = ' Add it to "link" in bowline.config.ts.' if owner == "Resource" else ""
    return f"{owner}.{name} is missing.{question} {owner} has {listed}.{way_out}"


def _near(a: str, b: str, edits: int) -> bool:
    """Whether ``a`` becomes ``b`` by adding, dropping or changing at most ``edits`` letters."""
    start = 0
    while start < len(a) and start < len(b) and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    if not a or not b:
        return len(a) + len(b) <= edits
    return edits > 0 and (
        _near(a[1:], b[1:], edits - 1) or _near(a, b[1:], edits - 1) or _near(a[1:], b, edits - 1)
    )
