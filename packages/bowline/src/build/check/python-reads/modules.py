"""The modules of a handler, and which of them it is made of."""

import ast


class Module:
    def __init__(self, given):
        self.path = given["path"]
        self.name = given["name"]
        self.is_package = self.path.endswith("__init__.py")
        self.is_entry = given.get("entry", False)
        self.tree = ast.parse(given["text"], self.path)
        self.bindings = {}

    def imported_from(self, node):
        """The full name of the module in ``from … import``."""
        name = node.module or ""
        if not node.level:
            return name
        parts = self.name.split(".")
        base = parts[: len(parts) - node.level + (1 if self.is_package else 0)]
        return ".".join([*base, *([name] if name else [])])

    def imports(self):
        """Every name that may be a module it imports, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                name = self.imported_from(node)
                yield name
                yield from (f"{name}.{alias.name}" for alias in node.names)


def reached(modules):
    """The modules that the entry imports, directly or not, and it; all of them where there is none."""
    left = [module for module in modules.values() if module.is_entry]
    if not left:
        return modules
    found = {}
    while left:
        module = left.pop()
        if module.name in found:
            continue
        found[module.name] = module
        for name in module.imports():
            parts = name.split(".")
            packages = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
            left.extend(modules[package] for package in packages if package in modules)
    return found
