# Written by `bowline types`. Changes made here are lost.
from contextlib import AbstractContextManager
from typing import Any, Mapping

def resources(links: Mapping[str, Mapping[str, Any]]) -> AbstractContextManager[None]: ...
