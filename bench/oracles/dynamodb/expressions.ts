/** Random expressions that AWS takes: what it refuses is tested by name, in the local cloud's own tests. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

import {
  attributeNames,
  pick,
  type Random,
  randomNumber,
  randomScalar,
  randomSet,
  randomText,
  randomValue,
} from "./values.ts";

export interface Expression {
  readonly text: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, AttributeValue>;
}

class Builder {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, AttributeValue> = {};
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  value(value: AttributeValue): string {
    const name = `:v${Object.keys(this.values).length}`;
    this.values[name] = value;
    return name;
  }

  name(): string {
    const attribute = pick(this.random, attributeNames);
    if (this.random() < 0.5) return attribute;
    this.names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  }

  path(): string {
    let path = this.name();
    while (this.random() < 0.2) {
      path += this.random() < 0.5 ? `.${this.name()}` : `[${Math.floor(this.random() * 3)}]`;
    }
    return path;
  }

  /** A path or the size of what is there, and something fit to compare it with. */
  comparison(): string {
    const { random } = this;
    const path = this.path();
    if (random() < 0.15) {
      return `size(${path}) ${pick(random, ["=", "<>", "<", "<=", ">", ">="])} ${this.value({ N: String(Math.floor(random() * 5)) })}`;
    }
    const ordered = random() < 0.6;
    const operator = pick(random, ordered ? ["<", "<=", ">", ">="] : ["=", "<>"]);
    const other = this.path();
    if (random() < 0.25 && other !== path) {
      // dynalite takes missing attributes for equal, and orders what has no order; AWS does neither.
      const type = this.value({ S: pick(random, ["S", "N"]) });
      return `attribute_type(${path}, ${type}) AND attribute_type(${other}, ${type}) AND ${path} ${operator} ${other}`;
    }
    // Nor does it compare documents in depth.
    const value = ordered || random() < 0.7 ? randomScalar(random) : randomSet(random);
    return `${path} ${operator} ${this.value(value)}`;
  }

  between(): string {
    const { random } = this;
    const [low, high] = random() < 0.5 ? [{ N: "-1" }, { N: "9" }] : [{ S: "a" }, { S: "b" }];
    return `${this.path()} BETWEEN ${this.value(low as AttributeValue)} AND ${this.value(high as AttributeValue)}`;
  }

  predicate(): string {
    const { random } = this;
    const kind = random();
    if (kind < 0.4) return this.comparison();
    if (kind < 0.5) return this.between();
    if (kind < 0.6) {
      const options = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
        this.value(randomScalar(random)),
      );
      return `${this.path()} IN (${options.join(", ")})`;
    }
    if (kind < 0.68) return `attribute_exists(${this.path()})`;
    if (kind < 0.76) return `attribute_not_exists(${this.path()})`;
    if (kind < 0.84) {
      const type = pick(random, ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]);
      return `attribute_type(${this.path()}, ${this.value({ S: type })})`;
    }
    if (kind < 0.92)
      return `begins_with(${this.path()}, ${this.value({ S: pick(random, ["a", "ab", "b", "1"]) })})`;
    return `contains(${this.path()}, ${this.value(random() < 0.6 ? randomText(random) : randomNumber(random))})`;
  }

  condition(depth = 0): string {
    const { random } = this;
    const kind = random();
    if (depth > 2 || kind < 0.45) return this.predicate();
    if (kind < 0.6) return `NOT ${this.predicate()}`;
    const joined = `${this.condition(depth + 1)} ${kind < 0.8 ? "AND" : "OR"} ${this.condition(depth + 1)}`;
    return depth > 0 && random() < 0.5 ? `(${joined})` : joined;
  }

  setValue(path: string): string {
    const { random } = this;
    const kind = random();
    if (kind < 0.4) return this.value(randomValue(random));
    if (kind < 0.55) return `if_not_exists(${path}, ${this.value(randomValue(random))})`;
    if (kind < 0.7) {
      const start = this.value({ N: "0" });
      return `if_not_exists(${path}, ${start}) ${pick(random, ["+", "-"])} ${this.value(randomNumber(random))}`;
    }
    if (kind < 0.85) {
      const list = this.value({ L: [randomScalar(random)] });
      return `list_append(if_not_exists(${path}, ${this.value({ L: [] })}), ${list})`;
    }
    // Never another attribute: dynalite would let the two share one value, and change both.
    return this.value(randomScalar(random));
  }

  /** Changes of the attributes whose types are known. */
  #fittingClauses(sections: Record<string, string[]>): void {
    const { random } = this;
    const index = Math.floor(random() * 4);
    const choices: [section: string, clause: () => string][] = [
      ["SET", () => `n = n ${pick(random, ["+", "-"])} ${this.value(randomNumber(random))}`],
      ["ADD", () => `n ${this.value(randomNumber(random))}`],
      ["SET", () => `l = list_append(l, ${this.value({ L: [randomValue(random)] })})`],
      [
        "SET",
        () => `l[${index}] = ${this.value(randomScalar(random))}, l[7] = ${this.value(randomScalar(random))}`,
      ],
      // One index: dynalite takes the next one for what remains, AWS's documentation for the list as it was.
      ["REMOVE", () => `l[${index}]`],
      ["ADD", () => `s ${this.value({ SS: ["a", "c"] })}`],
      ["DELETE", () => `s ${this.value({ SS: ["a", "b"] })}`],
    ];
    // One of each attribute: two changes of one thing are refused.
    for (const attribute of ["n", "l", "s"]) {
      if (random() < 0.4) continue;
      const fitting = choices.map(([section, clause]) => ({ section, clause }));
      const of = { n: [0, 1], l: [2, 3, 4], s: [5, 6] }[attribute] ?? [];
      const chosen = fitting[pick(random, of)];
      if (chosen) sections[chosen.section]?.push(chosen.clause());
    }
  }

  update(): string {
    const { random } = this;
    const sections: Record<string, string[]> = { SET: [], REMOVE: [], ADD: [], DELETE: [] };
    this.#fittingClauses(sections);
    for (const attribute of attributeNames) {
      if (random() < 0.8) continue;
      let path: string = attribute;
      if (random() < 0.25)
        path += random() < 0.5 ? `.${pick(random, attributeNames)}` : `[${Math.floor(random() * 3)}]`;
      const section = pick(random, ["SET", "SET", "SET", "REMOVE", "ADD", "DELETE"]);
      const value = () =>
        this.value(section === "ADD" && random() < 0.5 ? randomNumber(random) : randomSet(random));
      const clause =
        section === "SET"
          ? `${path} = ${this.setValue(path)}`
          : section === "REMOVE"
            ? path
            : `${path} ${value()}`;
      sections[section]?.push(clause);
    }
    const parts = Object.entries(sections).filter(([, clauses]) => clauses.length > 0);
    if (parts.length === 0) return `SET a = ${this.value(randomValue(random))}`;
    return parts.map(([section, clauses]) => `${section} ${clauses.join(", ")}`).join(" ");
  }
}

/** Without the placeholders that ended in nothing. */
function finished({ names, values }: Builder, text: string): Expression {
  const used = new Set(text.match(/[#:]\w+/g));
  const only = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => used.has(name)));
  return { text, names: only(names), values: only(values) };
}

export function randomCondition(random: Random): Expression {
  const builder = new Builder(random);
  return finished(builder, builder.condition());
}

export function randomUpdate(random: Random): Expression {
  const builder = new Builder(random);
  return finished(builder, builder.update());
}

/** The placeholders of an expression, left out where there are none. */
export function placeholders({ names, values }: Expression) {
  return {
    ExpressionAttributeNames: Object.keys(names).length > 0 ? names : undefined,
    ExpressionAttributeValues: Object.keys(values).length > 0 ? values : undefined,
  };
}
