"""A link: a dictionary that cannot be changed and whose keys are attributes as well."""

from __future__ import annotations

from ._errors import MissingKeyError, missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class FrozenDict(dict[str, "Any"]):
    """A dictionary that refuses to be changed. Copies and pickles of it are plain dictionaries."""

    __slots__ = ()

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("Links cannot be changed.")

    if not TYPE_CHECKING:
        __setitem__ = __delitem__ = __setattr__ = __delattr__ = __ior__ = _refuse
        clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[object, ...]:
        return (dict, (dict(self),))


class Link(FrozenDict):
    """The values of one link, or of one object inside it.

    A value whose name is a method of ``dict`` (``items``, ``keys``, ...) is read as ``link["items"]``.
    """

    __slots__ = ("_encrypted", "_owner")

    _owner: str
    _encrypted: bool

    def __init__(self, owner: str, values: dict[str, Any], encrypted: bool = False) -> None:
        super().__init__((key, _wrap(f"{owner}.{key}", value)) for key, value in values.items())
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_encrypted", encrypted)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(missing(self._owner, name, self))

    def __missing__(self, key: str) -> NoReturn:
        raise MissingKeyError(missing(self._owner, key, self))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        # What came encrypted does not show its values in a log.
        return f"[{self.get('type')}]" if self._encrypted else super().__repr__()


def _wrap(owner: str, value: Any) -> Any:
    if isinstance(value, dict):
        return Link(owner, value)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [_wrap(f"{owner}[{index}]", item) for index, item in enumerate(items)]
    return value
