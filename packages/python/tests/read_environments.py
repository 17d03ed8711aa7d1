"""Reads an environment a line on stdin, as JSON, and prints a line with every link this SDK finds in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from bowline._resource import Resources
from bowline._sources import Links

if __name__ == "__main__":
    for line in sys.stdin:
        resource = Resources(lambda links=Links(json.loads(line)): links)
        # Unescaped: Node 24.21 reads a key \\u65e5 wrong where an object before it had a key \\\\.
        sys.stdout.write(json.dumps(resource, ensure_ascii=False) + "\n")
