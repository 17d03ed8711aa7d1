"""Reads damaged variables and files on stdin and prints the different errors they give, as JSON."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from bowline import UnreadableLinkError
from bowline._resource import Resources
from bowline._sources import Links

GOOD = {"SST_RESOURCE_Good": '{"name":"good"}'}


def error(name: str, env: dict[str, str]) -> str:
    links = Links({**GOOD, **env})
    resource = Resources(lambda: links)
    assert resource.Good.name == "good"
    try:
        return f"no error but {resource[name]!r}"
    except UnreadableLinkError as refusal:
        return str(refusal)


def main() -> None:
    given = json.load(sys.stdin)
    file = Path(given["folder"], "python.enc")

    def file_error(data: str) -> str:
        file.write_bytes(b64decode(data))
        return error("Secret", {"SST_KEY_FILE": str(file), "SST_KEY": given["key"]})

    variables = {error("Bad", {"SST_RESOURCE_Bad": text}) for text in given["texts"]}
    files = {file_error(data) for data in given["files"]}
    json.dump({"variables": sorted(variables), "files": sorted(files)}, sys.stdout)


if __name__ == "__main__":
    main()
