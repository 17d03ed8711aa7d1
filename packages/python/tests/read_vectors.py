"""Reads every case of the vectors file on stdin and prints what this SDK makes of it, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from bowline._resource import Resources
from bowline._sources import Links


def outcome(resource: Resources, path: list[str]) -> dict[str, Any]:
    """What reading a path gives, as attributes and as items, which must agree."""
    outcomes: list[dict[str, Any]] = []
    for read in (getattr, lambda owner, key: owner[key]):
        value: Any = resource
        try:
            for key in path:
                value = read(value, key)
            outcomes.append({"value": value})
        except (AttributeError, KeyError, RuntimeError) as error:
            outcomes.append({"error": str(error)})
    assert outcomes[0] == outcomes[1], outcomes
    return outcomes[0]


def answer(case: dict[str, Any]) -> dict[str, Any]:
    resource = Resources(lambda links=Links(case["env"]): links)
    return {"names": sorted(resource), "reads": [outcome(resource, path) for path in case["paths"]]}


if __name__ == "__main__":
    json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
