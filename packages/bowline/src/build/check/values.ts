import { lookUp, moduleName, patternNames, type Scope } from "./scope.ts";
import { child, children, identifierName, literalText, type ParsedModule, type Syntax } from "./syntax.ts";

/** What an expression is, as far as links go. */
export type Value =
  | { readonly kind: "resource"; readonly via?: "env" }
  | { readonly kind: "link"; readonly name: string; readonly via?: "env" }
  /** All that a module exports: an SDK, or one of the user's own. */
  | { readonly kind: "sdk" }
  | { readonly kind: "module"; readonly path: string }
  /** The module in which the Workers runtime offers what it has, `env` among it. */
  | { readonly kind: "runtime" }
  /** `Resource.for`. */
  | { readonly kind: "for" };

/** What exports `Resource`. */
const SDKS = new Set(["bowline", "sst", "sst/resource", "sst/resource/cloudflare"]);

const RUNTIME = "cloudflare:workers";

/** The `env` of a Worker: links by their names, as `Resource` has them. */
const ENV: Value = { kind: "resource", via: "env" };

/** Stands where a Worker's handler is given its `env`. */
export const GIVEN_ENV: Syntax = { type: "GivenEnv", start: 0, end: 0 };

/** A module with the scope of its program. */
export interface ScopedModule extends ParsedModule {
  readonly scope: Scope;
}

/** Follows names through aliases, patterns and modules to what they stand for. */
export class Evaluator {
  readonly #modules: ReadonlyMap<string, ScopedModule>;
  readonly #busy = new Set<unknown>();
  /** Whether the code is a Worker's: its classes have their `env`. */
  readonly #worker: boolean;

  constructor(modules: ReadonlyMap<string, ScopedModule>, worker = false) {
    this.#modules = modules;
    this.#worker = worker;
  }

  /** What an expression is; undefined when it has nothing to do with links, or nobody can tell. */
  evaluate(node: Syntax, scope: Scope | undefined, module: ScopedModule): Value | undefined {
    switch (node.type) {
      case "Identifier":
        return this.#name(identifierName(node) ?? "", scope, module);
      case "AwaitExpression":
        return this.#inner(node, "argument", scope, module);
      case "ChainExpression":
      case "ParenthesizedExpression":
        return this.#inner(node, "expression", scope, module);
      case "MemberExpression": {
        const key = this.memberKey(node, scope);
        if (this.#worker && key === "env" && child(node, "object")?.type === "ThisExpression") return ENV;
        const owner = this.#inner(node, "object", scope, module);
        return owner && key !== undefined ? this.member(owner, key) : undefined;
      }
      case "GivenEnv":
        return ENV;
      case "ImportExpression":
        return this.#source(literalText(child(node, "source")), module);
      case "CallExpression": {
        const callee = child(node, "callee");
        if (identifierName(callee) === "require" && !lookUp(scope, "require")) {
          return this.#source(literalText(children(node, "arguments")[0]), module);
        }
        return callee && this.evaluate(callee, scope, module)?.kind === "for"
          ? { kind: "resource" }
          : undefined;
      }
      default:
        return undefined;
    }
  }

  /** The name a member is read by, if it is known before it runs; a constant's text is. */
  memberKey(node: Syntax, scope: Scope | undefined): string | undefined {
    const property = child(node, "property");
    if (node.computed !== true) return identifierName(property);
    const text = literalText(property);
    const name = identifierName(property);
    if (text !== undefined || name === undefined) return text;
    const binding = lookUp(scope, name);
    return binding?.kind === "value" && binding.path.length === 0 ? literalText(binding.init) : undefined;
  }

  #inner(node: Syntax, field: string, scope: Scope | undefined, module: ScopedModule): Value | undefined {
    const inner = child(node, field);
    return inner && this.evaluate(inner, scope, module);
  }

  /** What a member of a value is. */
  member(owner: Value, key: string): Value | undefined {
    switch (owner.kind) {
      case "sdk":
        return key === "Resource" ? { kind: "resource" } : undefined;
      case "runtime":
        return key === "env" ? ENV : undefined;
      case "module":
        return this.#exported(owner.path, key);
      case "resource":
        if (owner.via) return { kind: "link", name: key, via: owner.via };
        return key === "for" ? { kind: "for" } : { kind: "link", name: key };
      default:
        return undefined;
    }
  }

  #name(name: string, scope: Scope | undefined, module: ScopedModule): Value | undefined {
    const binding = lookUp(scope, name);
    if (!binding || binding.kind === "opaque") return undefined;
    return this.#once(binding, () => {
      if (binding.kind === "import") {
        const source = this.#source(binding.source, module);
        return source && (binding.imported === "*" ? source : this.member(source, binding.imported));
      }
      let value = this.evaluate(binding.init, binding.scope, module);
      for (const key of binding.path) value = value && this.member(value, key);
      return value;
    });
  }

  #source(source: string | undefined, module: ScopedModule): Value | undefined {
    if (source === undefined) return undefined;
    if (SDKS.has(source)) return { kind: "sdk" };
    if (source === RUNTIME) return { kind: "runtime" };
    const path = module.imports[source];
    return path !== undefined && this.#modules.has(path) ? { kind: "module", path } : undefined;
  }

  #exported(path: string, name: string): Value | undefined {
    const module = this.#modules.get(path);
    if (!module) return undefined;
    return this.#once(`${path}\0${name}`, () => {
      for (const statement of children(module.program, "body")) {
        const value = this.#exportOf(statement, name, module);
        if (value) return value;
      }
      return undefined;
    });
  }

  #exportOf(statement: Syntax, name: string, module: ScopedModule): Value | undefined {
    const source = literalText(child(statement, "source"));
    switch (statement.type) {
      case "ExportAllDeclaration": {
        const from = this.#source(source, module);
        const as = moduleName(child(statement, "exported"));
        if (as === undefined) return from && name !== "default" ? this.member(from, name) : undefined;
        return as === name ? from : undefined;
      }
      case "ExportDefaultDeclaration":
        return name === "default" ? this.#inner(statement, "declaration", module.scope, module) : undefined;
      case "ExportNamedDeclaration": {
        const specifier = children(statement, "specifiers").find(
          (one) => moduleName(child(one, "exported")) === name,
        );
        const local = moduleName(specifier && child(specifier, "local"));
        if (local !== undefined && source === undefined) return this.#name(local, module.scope, module);
        if (local !== undefined) {
          const from = this.#source(source, module);
          return from && this.member(from, local);
        }
        return declares(statement, name) ? this.#name(name, module.scope, module) : undefined;
      }
      default:
        return undefined;
    }
  }

  /** Stops at names that lead back to themselves. */
  #once(key: unknown, evaluate: () => Value | undefined): Value | undefined {
    if (this.#busy.has(key)) return undefined;
    this.#busy.add(key);
    try {
      return evaluate();
    } finally {
      this.#busy.delete(key);
    }
  }
}

/** Whether an exported declaration of variables declares a name. */
function declares(statement: Syntax, name: string): boolean {
  const declaration = child(statement, "declaration");
  if (!declaration) return false;
  return children(declaration, "declarations").some((declarator) => {
    const id = child(declarator, "id");
    return id !== undefined && [...patternNames(id)].includes(name);
  });
}
