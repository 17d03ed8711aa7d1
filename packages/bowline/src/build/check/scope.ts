import { below, child, children, identifierName, literalText, type Syntax } from "./syntax.ts";

/** What a name stands for in its scope. */
export type Binding =
  /** `const name = init`, or a part of it: `path` leads from the initial value to the name's. */
  | { readonly kind: "value"; readonly init: Syntax; readonly path: readonly string[]; readonly scope: Scope }
  /** `import { imported as name } from "source"`; `*` for all of it. */
  | { readonly kind: "import"; readonly source: string; readonly imported: string }
  /** Something known only when it runs: a parameter, a loop's variable, what is assigned again. */
  | { readonly kind: "opaque" };

export interface Scope {
  readonly parent: Scope | undefined;
  readonly bindings: Map<string, Binding>;
}

const OPAQUE: Binding = { kind: "opaque" };

export function lookUp(scope: Scope | undefined, name: string): Binding | undefined {
  for (let at = scope; at; at = at.parent) {
    const found = at.bindings.get(name);
    if (found) return found;
  }
  return undefined;
}

/** The scope that a node opens for what is below it, or the one it is in. */
export function enter(node: Syntax, parent: Scope | undefined): Scope | undefined {
  switch (node.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock": {
      const scope = open(parent);
      for (const statement of children(node, "body")) declare(statement, scope);
      if (node.type === "Program") hoist(node, scope);
      return scope;
    }
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression": {
      const scope = open(parent);
      const name = identifierName(child(node, "id"));
      if (name !== undefined && node.type === "FunctionExpression") scope.bindings.set(name, OPAQUE);
      for (const parameter of children(node, "params")) bindOpaque(parameter, scope);
      const body = child(node, "body");
      if (body) hoist(body, scope);
      return scope;
    }
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement": {
      const scope = open(parent);
      const head = child(node, "init") ?? child(node, "left");
      if (head?.type === "VariableDeclaration") declare(head, scope);
      return scope;
    }
    case "CatchClause": {
      const scope = open(parent);
      const parameter = child(node, "param");
      if (parameter) bindOpaque(parameter, scope);
      return scope;
    }
    default:
      return parent;
  }
}

function open(parent: Scope | undefined): Scope {
  return { parent, bindings: new Map() };
}

/** Declares what a statement declares in the scope it stands in. */
function declare(statement: Syntax, scope: Scope): void {
  const exported = statement.type.startsWith("Export") ? child(statement, "declaration") : undefined;
  const declaration = exported ?? statement;
  if (declaration.type === "ImportDeclaration") declareImport(declaration, scope);
  if (declaration.type === "VariableDeclaration") declareVariables(declaration, scope);
  if (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") {
    const id = child(declaration, "id");
    if (id) bindOpaque(id, scope);
  }
}

function declareVariables(statement: Syntax, scope: Scope): void {
  for (const declarator of children(statement, "declarations")) {
    const id = child(declarator, "id");
    const init = child(declarator, "init");
    if (!id) continue;
    if (init) bindPattern(id, init, [], scope);
    else bindOpaque(id, scope);
  }
}

function declareImport(statement: Syntax, scope: Scope): void {
  const source = literalText(child(statement, "source"));
  if (source === undefined) return;
  for (const specifier of children(statement, "specifiers")) {
    const name = identifierName(child(specifier, "local"));
    if (name !== undefined)
      scope.bindings.set(name, { kind: "import", source, imported: importedName(specifier) });
  }
}

function importedName(specifier: Syntax): string {
  if (specifier.type === "ImportNamespaceSpecifier") return "*";
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  return moduleName(child(specifier, "imported")) ?? "";
}

/** A name in an import or export: an identifier, or a string. */
export function moduleName(node: Syntax | undefined): string | undefined {
  return identifierName(node) ?? literalText(node);
}

/** Declares a function's `var`s, wherever in it they stand; what is declared already stays as it is. */
function hoist(node: Syntax, scope: Scope): void {
  for (const [, inner] of below(node)) {
    if (/Function|Class/.test(inner.type)) continue;
    if (inner.type === "VariableDeclaration" && inner.kind === "var") {
      const own = open(scope);
      declareVariables(inner, own);
      for (const [name, binding] of own.bindings) {
        if (!scope.bindings.has(name)) scope.bindings.set(name, binding);
      }
    }
    hoist(inner, scope);
  }
}

function bindOpaque(pattern: Syntax, scope: Scope): void {
  for (const name of patternNames(pattern)) scope.bindings.set(name, OPAQUE);
}

export function bindPattern(pattern: Syntax, init: Syntax, path: readonly string[], scope: Scope): void {
  const name = identifierName(pattern);
  if (name !== undefined) {
    scope.bindings.set(name, { kind: "value", init, path, scope });
  } else if (pattern.type === "ObjectPattern") {
    for (const property of children(pattern, "properties")) {
      const key = propertyKey(property);
      const value = child(property, "value");
      if (key === undefined || !value) bindOpaque(child(property, "argument") ?? value ?? property, scope);
      else
        bindPattern(
          value.type === "AssignmentPattern" ? (child(value, "left") ?? value) : value,
          init,
          [...path, key],
          scope,
        );
    }
  } else {
    bindOpaque(pattern, scope);
  }
}

/** The key of a property in a pattern, if it is known before it runs. */
export function propertyKey(property: Syntax): string | undefined {
  const key = child(property, "key");
  return property.computed === true ? literalText(key) : moduleName(key);
}

/** The names a pattern declares. */
export function* patternNames(pattern: Syntax): Iterable<string> {
  const name = identifierName(pattern);
  if (name !== undefined) {
    yield name;
    return;
  }
  switch (pattern.type) {
    case "ObjectPattern":
      for (const property of children(pattern, "properties")) {
        const value = child(property, "value") ?? child(property, "argument");
        if (value) yield* patternNames(value);
      }
      return;
    case "ArrayPattern":
      for (const element of children(pattern, "elements")) yield* patternNames(element);
      return;
    case "AssignmentPattern":
    case "RestElement": {
      const inner = child(pattern, "left") ?? child(pattern, "argument");
      if (inner) yield* patternNames(inner);
    }
  }
}
