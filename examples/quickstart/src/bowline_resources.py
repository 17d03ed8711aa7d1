# Written by Bowline from the links of this function. Changes made here are lost.
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bowline import Resource


@dataclass(frozen=True)
class OrdersResource:
    @cached_property
    def table_arn(self) -> str:
        return Resource["Orders"]["arn"]

    @cached_property
    def table_name(self) -> str:
        return Resource["Orders"]["name"]


@dataclass(frozen=True)
class LinkedResources:
    orders: Final[OrdersResource] = OrdersResource()


Resources: Final = LinkedResources()
