/** Expressions, parsed: placeholders are still names, so that one parse serves every request with the same text. */

/** An attribute name, a `#placeholder`, or a list index. */
export type PathPart = string | number;

export interface PathNode {
  readonly kind: "path";
  readonly parts: readonly PathPart[];
}

export interface ValueNode {
  readonly kind: "value";
  /** With its colon. */
  readonly name: string;
}

export interface CallNode {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Operand[];
}

export type Operand = PathNode | ValueNode | CallNode;

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export interface CompareNode {
  readonly kind: "compare";
  readonly operator: Comparator;
  readonly left: Operand;
  readonly right: Operand;
}

export interface BetweenNode {
  readonly kind: "between";
  readonly operand: Operand;
  readonly low: Operand;
  readonly high: Operand;
}

export interface InNode {
  readonly kind: "in";
  readonly operand: Operand;
  readonly options: readonly Operand[];
}

export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly operand: Condition }
  | CompareNode
  | BetweenNode
  | InNode
  | CallNode;

export interface ArithmeticNode {
  readonly kind: "arithmetic";
  readonly operator: "+" | "-";
  readonly left: Operand;
  readonly right: Operand;
}

export type SetValue = Operand | ArithmeticNode;

export interface Update {
  readonly sets: readonly { readonly path: PathNode; readonly value: SetValue }[];
  readonly removes: readonly PathNode[];
  readonly adds: readonly { readonly path: PathNode; readonly value: ValueNode }[];
  readonly deletes: readonly { readonly path: PathNode; readonly value: ValueNode }[];
}

/** What an expression text became, and the placeholders and paths it uses. */
export interface Parsed<Root> {
  readonly root: Root;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
  readonly paths: readonly PathNode[];
}
