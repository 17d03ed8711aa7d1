"""Which links the modules given on stdin read through ``Resource``. Nothing of them is run.

In: ``[{"path": ..., "text": ..., "name": "package.module", "entry": true}]``. Where there is an entry, only what it
imports, directly or not, is read: other handlers may lie beside it.
Out: ``{"links": [...], "unverifiable": [...], "errors": [...]}``, each with file, line and column.
"""

import json
import sys

from modules import Module, reached
from names import TYPED, Names
from reader import Reader


def main():
    modules, errors = {}, []
    for given in json.load(sys.stdin):
        try:
            modules[given["name"]] = Module(given)
        except (SyntaxError, ValueError) as error:
            place = {"line": getattr(error, "lineno", None) or 1, "column": getattr(error, "offset", None) or 1}
            errors.append({"file": given["path"], **place, "message": getattr(error, "msg", str(error))})
    modules = {name: module for name, module in modules.items() if name.split(".")[-1] not in TYPED}
    modules = reached(modules)
    every = [Names(module, modules) for module in modules.values()]
    # As often as a name may travel from module to module; names settle after a round without news.
    for _ in range(len(every) + 1):
        before = [dict(names.module.bindings) for names in every]
        for names in every:
            names.learn()
        if before == [dict(names.module.bindings) for names in every]:
            break
    readers = [Reader(names) for names in every]

    def in_order(found):
        return sorted(found, key=lambda one: (one["file"], one["line"], one["column"]))

    links = in_order([link for reader in readers for link in reader.links])
    unverifiable = in_order([read for reader in readers for read in reader.unverifiable])
    json.dump({"links": links, "unverifiable": unverifiable, "errors": errors}, sys.stdout)


main()
