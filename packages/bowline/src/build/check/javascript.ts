import type { LinkRead, Place, Reads, SourceModule, UnverifiableRead } from "./reads.ts";
import { bindPattern, enter, propertyKey, type Scope } from "./scope.ts";
import { below, child, children, isScript, literalText, parseModule, type Syntax } from "./syntax.ts";
import { Evaluator, GIVEN_ENV, type ScopedModule, type Value } from "./values.ts";

/**
 * Which links the modules of a TypeScript or JavaScript handler read, through re-exports, aliases,
 * namespaces and destructuring. Nothing is run. In a Worker's, links are read from `env` as well.
 */
export async function javascriptReads(sources: readonly SourceModule[], worker = false): Promise<Reads> {
  const parsed = await Promise.all(sources.filter(({ path }) => isScript(path)).map(parseModule));
  const modules = new Map(
    parsed.map((module): [string, ScopedModule] => [
      module.path,
      { ...module, scope: enter(module.program, undefined) ?? { parent: undefined, bindings: new Map() } },
    ]),
  );
  const evaluator = new Evaluator(modules, worker);
  const found = [...modules.values()].map((module) => new Reader(module, evaluator, worker).read());
  return {
    links: found.flatMap(({ links }) => links),
    unverifiable: found.flatMap(({ unverifiable }) => unverifiable),
  };
}

/** Where an identifier is a name and not a use of what it names, or is what is assigned to. */
const NAMES = new Set([
  "VariableDeclarator.id",
  "FunctionDeclaration.id",
  "FunctionDeclaration.params",
  "FunctionExpression.id",
  "FunctionExpression.params",
  "ArrowFunctionExpression.params",
  "ClassDeclaration.id",
  "ClassExpression.id",
  "CatchClause.param",
  "ForInStatement.left",
  "ForOfStatement.left",
  "AssignmentExpression.left",
  "AssignmentPattern.left",
  "ArrayPattern.elements",
  "RestElement.argument",
  "PatternProperty.value",
  "LabeledStatement.label",
  "BreakStatement.label",
  "ContinueStatement.label",
]);

/** Nodes whose key is a name unless it is computed. */
const KEYED: Readonly<Record<string, string>> = {
  MemberExpression: "property",
  Property: "key",
  PatternProperty: "key",
  MethodDefinition: "key",
  PropertyDefinition: "key",
};

/** Nodes that hold nothing that is evaluated here. */
const SKIPPED = new Set(["ImportDeclaration", "ExportAllDeclaration", "ExportSpecifier", "MetaProperty"]);

/** Parents that pass a value on unchanged, so that theirs is the use that counts. */
const TRANSPARENT = new Set(["AwaitExpression", "ChainExpression", "ParenthesizedExpression"]);

/** Parents under which `Resource` as a whole reads no link. */
const HARMLESS = new Set(["ExpressionStatement", "UnaryExpression", "ExportDefaultDeclaration"]);

/** What the Workers runtime calls with `env` as the second argument. */
const WORKER_HANDLERS = new Set([
  ...["constructor", "email", "fetch", "queue", "scheduled", "tail", "test", "trace"],
]);

/** Collects what one module reads. */
class Reader {
  readonly #module: ScopedModule;
  readonly #evaluator: Evaluator;
  readonly #worker: boolean;
  readonly #links: LinkRead[] = [];
  readonly #unverifiable: UnverifiableRead[] = [];

  constructor(module: ScopedModule, evaluator: Evaluator, worker: boolean) {
    this.#module = module;
    this.#evaluator = evaluator;
    this.#worker = worker;
  }

  read(): Reads {
    this.#descend(this.#module.program, this.#module.scope);
    return { links: this.#links.sort(byPlace), unverifiable: this.#unverifiable.sort(byPlace) };
  }

  #descend(node: Syntax, scope: Scope | undefined): void {
    const key = node.computed === true ? undefined : KEYED[node.type];
    for (const [field, inner] of below(node)) if (field !== key) this.#visit(inner, node, field, scope);
  }

  #visit(node: Syntax, parent: Syntax, field: string, outer: Scope | undefined): void {
    if (SKIPPED.has(node.type)) return;
    if (node.type === "Identifier" && NAMES.has(`${parent.type}.${field}`)) return;
    const scope = enter(node, outer);
    if (this.#worker && field === "value" && scope) this.#giveEnv(node, parent, scope);
    const value = this.#evaluator.evaluate(node, scope, this.#module);
    if (value && !TRANSPARENT.has(parent.type)) this.#use(value, parent, field, scope);
    this.#descend(
      node.type === "Property" && parent.type === "ObjectPattern" ? asPattern(node) : node,
      scope,
    );
  }

  /** A handler's second parameter is the Worker's `env`. */
  #giveEnv(node: Syntax, parent: Syntax, scope: Scope): void {
    if (!/^(Arrow)?FunctionExpression$/.test(node.type)) return;
    if (!WORKER_HANDLERS.has(propertyKey(parent) ?? "")) return;
    const parameter = children(node, "params")[1];
    if (!parameter) return;
    bindPattern(parameter, GIVEN_ENV, [], scope);
    if (parameter.type === "ObjectPattern") this.#pattern({ kind: "resource", via: "env" }, parameter);
  }

  /** Records what is read from a value by what surrounds it. */
  #use(value: Value, parent: Syntax, field: string, scope: Scope | undefined): void {
    const id = child(parent, "id") ?? child(parent, "left");
    if (parent.type === "MemberExpression" && field === "object") {
      this.#member(
        value,
        this.#evaluator.memberKey(parent, scope),
        child(parent, "property") ?? parent,
        parent,
      );
    } else if ((field === "init" || field === "right") && id?.type === "ObjectPattern") {
      this.#pattern(value, id);
    } else if (value.kind === "resource") {
      this.#whole(parent, field);
    }
  }

  /** `Resource` where neither a member nor a part is taken from it at once. */
  #whole(parent: Syntax, field: string): void {
    const isAlias = parent.type === "VariableDeclarator" && child(parent, "id")?.type === "Identifier";
    if (isAlias || HARMLESS.has(parent.type)) return;
    // `super(ctx, env)` hands a Worker's `env` to where `this.env` comes from.
    if (parent.type === "CallExpression" && child(parent, "callee")?.type === "Super") return;
    const name =
      parent.operator === "in" && field === "right" ? literalText(child(parent, "left")) : undefined;
    if (name === undefined)
      this.#unverifiable.push({ ...this.#module.place(parent), code: this.#module.code(parent) });
    else this.#links.push({ ...this.#module.place(parent), link: name, optional: true });
  }

  #pattern(value: Value, pattern: Syntax): void {
    for (const property of children(pattern, "properties")) {
      const key = property.type === "RestElement" ? undefined : propertyKey(property);
      this.#member(value, key, child(property, "key") ?? property, property);
      const next = key === undefined ? undefined : this.#evaluator.member(value, key);
      const target = child(property, "value");
      const inner = target?.type === "AssignmentPattern" ? child(target, "left") : target;
      if (next && inner?.type === "ObjectPattern") this.#pattern(next, inner);
    }
  }

  /** Records that `key` of a value is read at `node`, a part of `whole`. */
  #member(value: Value, key: string | undefined, node: Syntax, whole: Syntax): void {
    const place = this.#module.place(node);
    if (value.kind === "resource" && key === undefined) {
      this.#unverifiable.push({ ...this.#module.place(whole), code: this.#module.code(whole) });
    } else if (key === undefined || key in Object.prototype) {
      return;
    } else if (value.kind === "resource" && (key !== "for" || value.via)) {
      this.#links.push({ ...place, link: key, ...via(value) });
    } else if (value.kind === "link") {
      this.#links.push({ ...place, link: value.name, property: key, ...via(value) });
    }
  }
}

function via(value: { readonly via?: "env" }): Pick<LinkRead, "via"> {
  return value.via ? { via: value.via } : {};
}

function byPlace(a: Place, b: Place): number {
  return a.line - b.line || a.column - b.column;
}

/** A property of a pattern: its value is a name, where an object's is a use of one. */
function asPattern(property: Syntax): Syntax {
  return { ...property, type: "PatternProperty" };
}
