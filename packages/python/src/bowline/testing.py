"""Links for tests.

>>> from bowline.testing import resources
>>> with resources({"Orders": {"name": "orders-test"}}):
...     assert Resource.Orders.name == "orders-test"
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Optional

from ._resource import replace_with
from ._sources import PREFIX, Links

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

_links: ContextVar[Optional[Links]] = ContextVar("bowline_testing", default=None)
replace_with(_links.get)

_APP = {"name": "test", "stage": "test"}


@contextmanager
def resources(links: Mapping[str, Mapping[str, Any]]) -> Generator[None]:
    """Within it, ``Resource`` has exactly ``links`` (and ``App``), in this thread and task alone."""
    values = {"App": _APP, **links}
    token = _links.set(Links({PREFIX + name: json.dumps(value) for name, value in values.items()}))
    try:
        yield
    finally:
        _links.reset(token)
