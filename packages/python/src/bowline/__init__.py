"""The resources this code is linked to.

>>> from bowline import Resource
>>> Resource.App.stage
"""

from ._errors import UnreadableLinkError
from ._link import Link
from ._resource import Resource

__all__ = ["Link", "Resource", "UnreadableLinkError"]
