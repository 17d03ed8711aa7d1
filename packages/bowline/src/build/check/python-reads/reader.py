"""What a module reads: which links, and what cannot be told before it runs."""

import ast

from names import LINK, OWN, RESOURCE, RESOURCES, WHOLE, Names


class Reader(Names):
    """Walks a module whose names are known, and notes what it reads."""

    def __init__(self, names):
        super().__init__(names.module, names.modules)
        self.scopes = names.scopes
        self.scope = self.scope_of(self.module.tree, None)
        self.links = []
        self.unverifiable = []
        self.visit(self.module.tree)

    def visit_used(self, node, is_harmless):
        """Visits an expression; that it is ``Resource`` as a whole is harmless here, or is not."""
        if is_harmless and self.value(node) == (RESOURCE,) and isinstance(node, ast.Name):
            return
        self.visit(node)

    def visit_Name(self, node):
        super().visit_Name(node)
        if isinstance(node.ctx, ast.Load) and self.value(node) == (RESOURCE,):
            self.unverified(node)

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
        else:
            self.links.append({**self.place(name), "link": text, "optional": True})
        return True

    def read(self, node, owner, key, is_attribute, optional=False):
        value = self.value(owner)
        if value == (RESOURCES,):
            if key is not None and not key.startswith("__"):
                self.links.append({**self.end(node, key), "link": key, "typed": True})
        elif value == (RESOURCE,):
            if key is None or (is_attribute and key in WHOLE + OWN):
                self.unverified(node)
            elif not key.startswith("__"):
                self.links.append({**self.end(node, key), "link": key, **({"optional": True} if optional else {})})
            if isinstance(owner, ast.Name):
                return
        elif value is not None and value[0] == LINK and key is not None:
            if not (is_attribute and (key in WHOLE + OWN or key.startswith("__"))):
                found = {**self.end(node, key), "link": value[1], "property": key}
                self.links.append({**found, **({"optional": True} if optional else {})})
        self.visit(owner)

    def unverified(self, node):
        self.unverifiable.append({**self.place(node), "code": ast.unparse(node)})

    def place(self, node):
        return {"file": self.module.path, "line": node.lineno, "column": node.col_offset + 1}

    def end(self, node, key):
        """Where a member's name stands: an attribute is the last thing of its node, an item is in brackets."""
        if isinstance(node, ast.Attribute):
            return {"file": self.module.path, "line": node.end_lineno, "column": node.end_col_offset - len(key.encode()) + 1}
        return self.place(node.slice if isinstance(node, ast.Subscript) else node.args[1])
