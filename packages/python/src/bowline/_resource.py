"""The links of this process, as one object that reads each of them when it is asked for."""

from __future__ import annotations

import os

from ._errors import MissingKeyError, missing
from ._link import FrozenDict
from ._sources import Links

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Callable

    from ._link import Link


class Resources(FrozenDict):
    """Every link by its name: ``Resource.Uploads``, ``Resource["Uploads"]``, ``"Uploads" in Resource``.

    It is a ``dict`` so that ``json.dumps`` takes it, and holds one entry nobody sees, because ``json``
    asks an empty ``dict`` nothing more; all it answers comes from the links.
    """

    __slots__ = ("_links",)

    _links: Callable[[], Links]

    def __init__(self, links: Callable[[], Links]) -> None:
        super().__init__({"": None})
        object.__setattr__(self, "_links", links)

    def __getitem__(self, name: str) -> Link:
        links = self._links()
        if name in links.readers:
            return links.read(name)
        if links.failure is not None:
            raise links.failure
        raise MissingKeyError(missing("Resource", name, links.readers))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except MissingKeyError as error:
            raise AttributeError(str(error)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._links().readers

    def __iter__(self) -> Iterator[str]:
        return iter(self._links().readers)

    def __len__(self) -> int:
        return len(self._links().readers)

    def __eq__(self, other: object) -> bool:
        return dict(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        try:
            return repr(dict(self))
        except RuntimeError as error:
            return f"<{error}>"

    if not TYPE_CHECKING:

        def keys(self):
            return self._links().readers.keys()

        def values(self):
            return [self[name] for name in self]

        def items(self):
            return [(name, self[name]) for name in self]

        def get(self, name, default=None):
            return self[name] if name in self else default

        def copy(self):
            return dict(self)

        def __or__(self, other):
            return dict(self) | other

        def __ror__(self, other):
            return other | dict(self)


_own: Links | None = None
_instead: Callable[[], Links | None] | None = None


def replace_with(links: Callable[[], Links | None]) -> None:
    """Has ``Resource`` ask ``links`` first. For ``bowline.testing``."""
    global _instead
    _instead = links


def _current() -> Links:
    global _own
    instead = _instead() if _instead is not None else None
    if instead is not None:
        return instead
    if _own is None:
        _own = Links(os.environ)
    return _own


Resource = Resources(_current)
