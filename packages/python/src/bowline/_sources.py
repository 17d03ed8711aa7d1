"""Where links are read from. A later source wins over an earlier one."""

from __future__ import annotations

from binascii import a2b_base64

from ._errors import NoCipherError, UnreadableLinkError, unreadable
from ._json import loads
from ._link import Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable, NoReturn

    Reader = Callable[[], Link]

PREFIX = "SST_RESOURCE_"


class Links:
    """How to read each link of an environment; and, if a source of many links is broken, why."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.readers: dict[str, Reader] = {}
        self.failure: RuntimeError | None = None
        self._read: dict[str, Link] = {}

        for name, text in env.items():
            if text and name.startswith(PREFIX):
                self._add(name[len(PREFIX) :], name, text)
        text = env.get("SST_RESOURCES_JSON")
        if text:
            self._add_all("SST_RESOURCES_JSON", lambda: text)
        file = env.get("SST_KEY_FILE")
        if file:
            self._add_all(file, lambda: _decrypt(file, env["SST_KEY"]))

    def read(self, name: str) -> Link:
        """The link called ``name``, parsed when it is first read. ``KeyError`` if there is none."""
        if name not in self._read:
            self._read[name] = self.readers[name]()
        return self._read[name]

    def _add(self, name: str, source: str, text: str) -> None:
        self.readers[name] = lambda: Link(f"Resource.{name}", _parse(source, lambda: text))

    def _add_all(self, source: str, load: Callable[[], str]) -> None:
        try:
            links = _parse(source, load)
        except (UnreadableLinkError, NoCipherError) as error:
            failure = self.failure = error

            def fail() -> NoReturn:
                raise failure

            self.readers[source] = fail
        else:
            for name, values in links.items():
                self._add_parsed(name, f"{name} in {source}", values)

    def _add_parsed(self, name: str, source: str, values: object) -> None:
        def read() -> Link:
            return Link(f"Resource.{name}", _object(source, values), encrypted=True)

        self.readers[name] = read


def _parse(source: str, load: Callable[[], str]) -> dict[str, Any]:
    try:
        value = loads(load())
    except NoCipherError:
        raise
    except Exception:
        # Without its cause, which may quote a part of the value.
        raise unreadable(source) from None
    return _object(source, value)


def _object(source: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise unreadable(source)
    return value  # pyright: ignore[reportUnknownVariableType]


def _decrypt(file: str, key: str) -> str:
    from ._aes_gcm import decrypt

    with open(file, "rb") as stream:
        data = stream.read()
    return decrypt(a2b_base64(key), data).decode()
