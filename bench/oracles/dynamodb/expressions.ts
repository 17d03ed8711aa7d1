/** Random expressions that AWS takes: what it refuses is tested by name, in the local cloud's own tests. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Expression, joined, type Phrase } from "./phrase.ts";
import { attributeNames, chance, pick, type Source } from "./values.ts";

class Builder {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, AttributeValue> = {};
  readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  value(value: AttributeValue): string {
    const name = `:v${Object.keys(this.values).length}`;
    this.values[name] = value;
    return name;
  }

  name(): string {
    const attribute = pick(this.source, attributeNames);
    if (chance(this.source, 0.5)) return attribute;
    this.names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  }

  path(): string {
    let path = this.name();
    while (chance(this.source, 0.2)) {
      path += chance(this.source, 0.5) ? `.${this.name()}` : `[${this.source.below(3)}]`;
    }
    return path;
  }

  /** A path or the size of what is there, and something fit to compare it with. */
  comparison(): Phrase {
    const { source } = this;
    const path = this.path();
    if (chance(source, 0.15)) {
      const size = this.value({ N: String(source.below(5)) });
      return `size(${path}) ${pick(source, ["=", "<>", "<", "<=", ">", ">="])} ${size}`;
    }
    const ordered = chance(source, 0.6);
    const operator = pick(source, ordered ? ["<", "<=", ">", ">="] : ["=", "<>"]);
    const other = this.path();
    if (chance(source, 0.25) && resolved(other) !== resolved(path)) {
      if (source.wide) return `${path} ${operator} ${other}`;
      // dynalite takes missing attributes for equal, and orders what has no order; AWS does neither.
      const type = this.value({ S: pick(source, ["S", "N"]) });
      const both = [path, other].map((one) => `attribute_type(${one}, ${type})`);
      return joined(" AND ", [...both, `${path} ${operator} ${other}`], "(", ")");
    }
    // Nor does dynalite compare documents in depth.
    const scalar = ordered || chance(source, 0.7);
    const value = scalar ? source.scalar() : source.wide ? source.value() : source.set();
    return `${path} ${operator} ${this.value(value)}`;
  }

  between(): string {
    const [low, high] = pick(this.source, [
      [{ N: "-1" }, { N: "9" }],
      [{ S: "a" }, { S: "b" }],
    ]);
    return `${this.path()} BETWEEN ${this.value(low)} AND ${this.value(high)}`;
  }

  predicate(): Phrase {
    const { source } = this;
    const kind = source.below(100);
    if (kind < 40) return this.comparison();
    if (kind < 50) return this.between();
    if (kind < 60) {
      const options = Array.from({ length: 1 + source.below(3) }, () => this.value(source.scalar()));
      return joined(", ", options, `${this.path()} IN (`, ")");
    }
    if (kind < 68) return `attribute_exists(${this.path()})`;
    if (kind < 76) return `attribute_not_exists(${this.path()})`;
    if (kind < 84) {
      const type = pick(source, ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]);
      return `attribute_type(${this.path()}, ${this.value({ S: type })})`;
    }
    if (kind < 92) {
      return `begins_with(${this.path()}, ${this.value({ S: pick(source, ["a", "ab", "b", "1"]) })})`;
    }
    return `contains(${this.path()}, ${this.value(chance(source, 0.6) ? source.text() : source.number())})`;
  }

  condition(depth = 0): Phrase {
    const { source } = this;
    const kind = source.below(100);
    if (depth > 2 || kind < 45) return this.predicate();
    if (kind < 60) return joined("", [this.predicate()], "NOT ");
    const parts = [this.condition(depth + 1), this.condition(depth + 1)];
    const joint = kind < 80 ? " AND " : " OR ";
    return depth > 0 && chance(source, 0.5) ? joined(joint, parts, "(", ")") : joined(joint, parts);
  }

  setValue(path: string): string {
    const { source } = this;
    const kind = source.below(100);
    if (kind < 40) return this.value(source.value());
    if (kind < 55) return `if_not_exists(${path}, ${this.value(source.value())})`;
    if (kind < 70) {
      const start = this.value({ N: "0" });
      return `if_not_exists(${path}, ${start}) ${pick(source, ["+", "-"])} ${this.value(source.number())}`;
    }
    if (kind < 85) {
      const list = this.value({ L: [source.scalar()] });
      return `list_append(if_not_exists(${path}, ${this.value({ L: [] })}), ${list})`;
    }
    // dynalite lets the two share one value, and changes both.
    return source.wide ? pick(source, [...attributeNames, "n", "l"]) : this.value(source.scalar());
  }

  /** Changes of the attributes whose types are known: one of each, two changes of one thing are refused. */
  #fittingClauses(add: (section: string, clause: string) => void): void {
    const { source } = this;
    const index = source.below(4);
    const choices: Record<string, [section: string, clause: () => string][]> = {
      n: [
        ["SET", () => `n = n ${pick(source, ["+", "-"])} ${this.value(source.number())}`],
        ["ADD", () => `n ${this.value(source.number())}`],
      ],
      l: [
        ["SET", () => `l = list_append(l, ${this.value({ L: [source.value()] })})`],
        ["SET", () => `l[${index}] = ${this.value(source.scalar())}, l[7] = ${this.value(source.scalar())}`],
        // dynalite takes a second index for what remains, AWS for the list as it was.
        ["REMOVE", () => (source.wide ? `l[${index}], l[${index + 1}]` : `l[${index}]`)],
      ],
      s: [
        ["ADD", () => `s ${this.value({ SS: ["a", "c"] })}`],
        ["DELETE", () => `s ${this.value({ SS: ["a", "b"] })}`],
      ],
    };
    for (const fitting of Object.values(choices)) {
      if (chance(source, 0.4)) continue;
      const [section, clause] = pick(source, fitting);
      add(section, clause());
    }
  }

  update(): Phrase {
    const { source } = this;
    const sections: Record<string, string[]> = { SET: [], REMOVE: [], ADD: [], DELETE: [] };
    const add = (section: string, clause: string) => sections[section]?.push(clause);
    this.#fittingClauses(add);
    for (const attribute of attributeNames) {
      if (chance(source, 0.8)) continue;
      let path: string = attribute;
      if (chance(source, 0.25)) {
        path += chance(source, 0.5) ? `.${pick(source, attributeNames)}` : `[${source.below(3)}]`;
      }
      const section = pick(source, ["SET", "SET", "SET", "REMOVE", "ADD", "DELETE"]);
      if (section === "SET") add(section, `${path} = ${this.setValue(path)}`);
      else if (section === "REMOVE") add(section, path);
      else {
        const number = section === "ADD" && chance(source, 0.5);
        add(section, `${path} ${this.value(number ? source.number() : source.set())}`);
      }
    }
    const parts = Object.entries(sections).filter(([, clauses]) => clauses.length > 0);
    if (parts.length === 0) return `SET a = ${this.value(source.value())}`;
    return joined(
      " ",
      parts.map(([section, clauses]) => joined(", ", clauses, `${section} `)),
    );
  }
}

/** A path without its placeholders: two operands must not be one attribute. */
const resolved = (path: string) => path.replaceAll("#", "");

export function randomCondition(source: Source): Expression {
  const builder = new Builder(source);
  return { phrase: builder.condition(), names: builder.names, values: builder.values };
}

export function randomUpdate(source: Source): Expression {
  const builder = new Builder(source);
  return { phrase: builder.update(), names: builder.names, values: builder.values };
}
