"""JSON, read without importing ``json``: that module brings ``re`` and ``enum``, most of a cold start."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn

    Scan = Callable[[str, int], tuple[Any, int]]


def loads(text: str) -> object:
    """The value of a JSON text. Unlike ``json.loads``, it does not take ``NaN`` for JSON."""
    text = text.strip(" \t\n\r")
    value, end = _scan(text, 0)
    if end != len(text):
        raise ValueError("text after the value")
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class _Options:
    """What the scanner asks of a ``json.JSONDecoder``."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_refuse)


def _scanner() -> Scan:
    try:
        from _json import make_scanner  # pyright: ignore

        return make_scanner(_Options())  # pyright: ignore
    except (ImportError, AttributeError, TypeError):
        from json import JSONDecoder

        return JSONDecoder(parse_constant=_refuse).raw_decode


_scan: Scan = _scanner()
