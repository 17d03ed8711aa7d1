"""What the names of a module stand for: an SDK, ``Resource``, a link, another module."""

import ast

SDKS = ("bowline", "sst")
# The typed modules that Bowline writes: `Resources.my_table` is a link by its Python name.
TYPED = ("bowline_resources", "stlv_resources")
SDK, RESOURCE, LINK, MODULE = "sdk", "resource", "link", "module"
TYPED_SDK, RESOURCES = "typed sdk", "resources"
# Methods of ``Resource``: those that read all of it, and those that read what they are given.
WHOLE = ("keys", "values", "items", "copy")
OWN = ("get",)


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


class Names(ast.NodeVisitor):
    """Learns what the names of one module stand for, scope by scope."""

    def __init__(self, module, modules):
        self.module = module
        self.modules = modules
        self.scopes = {}
        self.scope = self.scope_of(module.tree, None)

    def scope_of(self, node, parent):
        if node not in self.scopes:
            self.scopes[node] = Scope(parent)
        return self.scopes[node]

    def learn(self):
        self.scopes.clear()
        self.scope = self.scope_of(self.module.tree, None)
        self.visit(self.module.tree)
        self.module.bindings = self.scope.values

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
        """Visits an expression whose value is bound to a name; a name for a name is harmless."""
        self.visit(node)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Del) or (
            isinstance(node.ctx, ast.Store) and node.id not in self.scope.values
        ):
            self.scope.bind(node.id, None)

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
