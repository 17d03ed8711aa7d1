"""Which links the modules given on stdin read through ``Resource``. Nothing of them is run.

In: ``[{"path": ..., "text": ..., "name": "package.module", "entry": true}]``. Where there is an entry, only what it
imports, directly or not, is read: other handlers may lie beside it.
Out: ``{"links": [...], "unverifiable": [...], "errors": [...]}``, each with file, line and column.
"""

import ast
import json
import sys

SDKS = ("bowline", "sst")
# The typed modules that Bowline writes: `Resources.my_table` is a link by its Python name.
TYPED = ("bowline_resources", "stlv_resources")
SDK, RESOURCE, LINK, MODULE = "sdk", "resource", "link", "module"
TYPED_SDK, RESOURCES = "typed sdk", "resources"
WHOLE = ("keys", "values", "items", "copy")
OWN = ("get",)


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


class Scope:
    """The names of a function or of a module. A name bound twice to different things is not known."""

    def __init__(self, parent=None):
        self.parent = parent
        self.values = {}

    def bind(self, name, value):
        known = self.values.get(name, value)
        self.values[name] = value if known == value else None

    def find(self, name):
        scope = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.parent
        return None


class Reader(ast.NodeVisitor):
    """Walks one module twice: once to learn what its names stand for, once to note what it reads."""

    def __init__(self, module, modules):
        self.module = module
        self.modules = modules
        self.links = []
        self.unverifiable = []
        self.noting = False
        self.scopes = {}
        self.scope = self.scope_of(module.tree, None)

    def scope_of(self, node, parent):
        if node not in self.scopes:
            self.scopes[node] = Scope(parent)
        return self.scopes[node]

    def learn(self):
        self.visit(self.module.tree)
        self.module.bindings = self.scope.values

    def note(self):
        self.noting = True
        self.visit(self.module.tree)

    # What expressions are.

    def value(self, node):
        if isinstance(node, ast.Name):
            return self.scope.find(node.id)
        if isinstance(node, ast.NamedExpr):
            return self.value(node.value)
        key = self.key(node)
        if key is None:
            return None
        owner = self.value(self.owner(node))
        return self.member(owner, key, isinstance(node, ast.Attribute))

    def owner(self, node):
        if isinstance(node, ast.Call):
            return node.args[0]
        return node.value

    def key(self, node):
        """The name that a member is read by, if it is known before the code runs."""
        if isinstance(node, ast.Attribute):
            return node.attr
        if isinstance(node, ast.Subscript):
            return self.text(node.slice)
        if self.is_getattr(node):
            return self.text(node.args[1])
        return None

    def text(self, node):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name):
            value = self.scope.find(node.id)
            if value is not None and value[0] == "text":
                return value[1]
        return None

    @staticmethod
    def is_getattr(node):
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "getattr"
            and len(node.args) >= 2
        )

    def member(self, owner, key, is_attribute):
        if owner is None:
            return None
        if owner[0] == SDK:
            return (RESOURCE,) if key == "Resource" else None
        if owner[0] == TYPED_SDK:
            return (RESOURCES,) if key == "Resources" else None
        if owner[0] == MODULE:
            return self.exported(owner[1], key)
        if owner[0] == RESOURCE and not (is_attribute and key in WHOLE + OWN) and not key.startswith("__"):
            return (LINK, key)
        return None

    def exported(self, name, key):
        module = self.modules.get(name)
        if module is not None and key in module.bindings:
            return module.bindings[key]
        return (MODULE, f"{name}.{key}") if f"{name}.{key}" in self.modules else None

    # What names stand for.

    def source(self, name):
        if name in SDKS:
            return (SDK,)
        if name.split(".")[-1] in TYPED:
            return (TYPED_SDK,)
        return (MODULE, name) if name in self.modules else None

    def visit_Import(self, node):
        for alias in node.names:
            top = alias.name.split(".")[0]
            self.scope.bind(alias.asname or top, self.source(alias.name if alias.asname else top))

    def visit_ImportFrom(self, node):
        source = self.source(self.module.imported_from(node))
        for alias in node.names:
            if alias.name == "*":
                known = {"Resource": (RESOURCE,)} if source == (SDK,) else {}
                if source is not None and source[0] == MODULE:
                    known = self.modules[source[1]].bindings
                for each, value in known.items():
                    self.scope.bind(each, value)
            else:
                self.scope.bind(alias.asname or alias.name, self.member(source, alias.name, True))

    def assign(self, target, node):
        if isinstance(target, ast.Name):
            constant = isinstance(node, ast.Constant) and isinstance(node.value, str)
            self.scope.bind(target.id, ("text", node.value) if constant else self.value(node))
        else:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    self.scope.bind(name.id, None)

    def visit_Assign(self, node):
        for target in node.targets:
            self.assign(target, node.value)
            self.visit(target)
        is_alias = all(isinstance(target, ast.Name) for target in node.targets)
        self.visit_used(node.value, is_alias)

    def visit_AnnAssign(self, node):
        if node.value is not None:
            self.assign(node.target, node.value)
            self.visit_used(node.value, isinstance(node.target, ast.Name))

    def visit_NamedExpr(self, node):
        self.assign(node.target, node.value)
        self.visit_used(node.value, True)

    def visit_used(self, node, is_harmless):
        """Visits an expression; that it is ``Resource`` as a whole is harmless here, or is not."""
        if is_harmless and self.value(node) == (RESOURCE,) and isinstance(node, ast.Name):
            return
        self.visit(node)

    def visit_Name(self, node):
        if isinstance(node.ctx, (ast.Store, ast.Del)):
            if isinstance(node.ctx, ast.Del) or node.id not in self.scope.values:
                self.scope.bind(node.id, None)
        elif self.noting and self.value(node) == (RESOURCE,):
            self.unverified(node)

    def visit_ClassDef(self, node):
        self.scope.bind(node.name, None)
        self.inside(node, [*node.decorator_list, *node.bases, *[word.value for word in node.keywords]], [], node.body)

    def visit_FunctionDef(self, node):
        self.scope.bind(node.name, None)
        outer = [*node.decorator_list, *node.args.defaults, *[d for d in node.args.kw_defaults if d]]
        self.inside(node, outer, self.parameters(node.args), node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        outer = [*node.args.defaults, *[d for d in node.args.kw_defaults if d]]
        self.inside(node, outer, self.parameters(node.args), [node.body])

    @staticmethod
    def parameters(args):
        rest = [one for one in (args.vararg, args.kwarg) if one is not None]
        return [one.arg for one in [*args.posonlyargs, *args.args, *args.kwonlyargs, *rest]]

    def inside(self, node, before, names, body):
        for one in before:
            self.visit(one)
        outer = self.scope
        self.scope = self.scope_of(node, outer)
        for name in names:
            self.scope.values[name] = None
        for one in body:
            self.visit(one)
        self.scope = outer

    # What is read.

    def visit_Attribute(self, node):
        self.read(node, node.value, node.attr, True)

    def visit_Subscript(self, node):
        self.read(node, node.value, self.text(node.slice), False)
        self.visit(node.slice)

    def visit_Call(self, node):
        func, args = node.func, node.args
        if self.is_getattr(node):
            self.read(node, args[0], self.text(args[1]), False, optional=len(args) > 2)
            rest = args[1:]
        elif isinstance(func, ast.Name) and func.id == "hasattr" and len(args) == 2 and self.asks(args[0], args[1]):
            rest = []
        elif isinstance(func, ast.Attribute) and func.attr == "get" and args and self.asks(func.value, args[0]):
            rest = args[1:]
        else:
            self.visit(func)
            rest = args
        for one in rest:
            self.visit(one)
        for word in node.keywords:
            self.visit(word.value)

    def visit_Compare(self, node):
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            if self.asks(node.comparators[0], node.left):
                return
        self.generic_visit(node)

    def visit_Expr(self, node):
        self.visit_used(node.value, True)

    def asks(self, owner, name):
        """Notes that the code asks whether a link is there, if that is what it does."""
        if self.value(owner) != (RESOURCE,):
            return False
        text = self.text(name)
        if text is None:
            self.unverified(owner)
        elif self.noting:
            self.links.append({**self.place(name), "link": text, "optional": True})
        return True

    def read(self, node, owner, key, is_attribute, optional=False):
        value = self.value(owner)
        if value == (RESOURCES,):
            if self.noting and key is not None and not key.startswith("__"):
                self.links.append({**self.end(node, key), "link": key, "typed": True})
        elif value == (RESOURCE,):
            if key is None or (is_attribute and key in WHOLE + OWN):
                self.unverified(node)
            elif self.noting and not key.startswith("__"):
                self.links.append({**self.end(node, key), "link": key, **({"optional": True} if optional else {})})
            if isinstance(owner, ast.Name):
                return
        elif value is not None and value[0] == LINK and key is not None and self.noting:
            if not (is_attribute and (key in WHOLE + OWN or key.startswith("__"))):
                found = {**self.end(node, key), "link": value[1], "property": key}
                self.links.append({**found, **({"optional": True} if optional else {})})
        self.visit(owner)

    def unverified(self, node):
        if self.noting:
            self.unverifiable.append({**self.place(node), "code": ast.unparse(node)})

    def place(self, node):
        return {"file": self.module.path, "line": node.lineno, "column": node.col_offset + 1}

    def end(self, node, key):
        """Where a member's name stands: an attribute is the last thing of its node, an item is in brackets."""
        if isinstance(node, ast.Attribute):
            return {"file": self.module.path, "line": node.end_lineno, "column": node.end_col_offset - len(key.encode()) + 1}
        return self.place(node.slice if isinstance(node, ast.Subscript) else node.args[1])


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
    readers = [Reader(module, modules) for module in modules.values()]
    # As often as a name may travel from module to module; names settle after a round without news.
    for _ in range(len(readers) + 1):
        before = [dict(reader.module.bindings) for reader in readers]
        for reader in readers:
            reader.scopes.clear()
            reader.scope = reader.scope_of(reader.module.tree, None)
            reader.learn()
        if before == [dict(reader.module.bindings) for reader in readers]:
            break
    for reader in readers:
        reader.note()

    def in_order(found):
        return sorted(found, key=lambda one: (one["file"], one["line"], one["column"]))

    links = in_order([link for reader in readers for link in reader.links])
    unverifiable = in_order([read for reader in readers for read in reader.unverifiable])
    json.dump({"links": links, "unverifiable": unverifiable, "errors": errors}, sys.stdout)


if __name__ == "__main__":
    main()
