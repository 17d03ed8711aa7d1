/** A place in a file, both counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A link that code reads, or one of its properties. */
export interface LinkRead extends Place {
  readonly link: string;
  readonly property?: string;
  /** Whether the code expects that the link may be missing: `"X" in Resource`. */
  readonly optional?: boolean;
  /** Whether it is read from a Worker's `env`. */
  readonly via?: "env";
  /** Whether `link` is its Python name: read from the typed module that Bowline writes. */
  readonly typed?: boolean;
}

/** Code that may read any link: a name computed when it runs, or `Resource` handed on as a whole. */
export interface UnverifiableRead extends Place {
  readonly code: string;
}

/** What the modules of one consumer read. */
export interface Reads {
  readonly links: readonly LinkRead[];
  readonly unverifiable: readonly UnverifiableRead[];
}

/** A module of the user's own, and where its imports lead. */
export interface SourceModule {
  /** As findings are to name it. */
  readonly path: string;
  readonly text: string;
  /** Whether the handler is in it. Where none is said to be, all modules are taken to be read. */
  readonly entry?: boolean;
  /** What an import says → the path of the module in this set it means. Others are left out. */
  readonly imports?: Readonly<Record<string, string>>;
}
