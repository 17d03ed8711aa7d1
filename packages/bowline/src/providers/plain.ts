/** The types of `@pulumi/aws`, as a provider sees them: no Outputs, no resources, no promises. */
import type { OutputInstance, Resource } from "@pulumi/pulumi";

type Plain<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends Promise<infer U> | OutputInstance<infer U>
    ? Plain<U>
    : T extends Resource
      ? string
      : T extends readonly (infer U)[]
        ? readonly Plain<U>[]
        : T extends object
          ? { readonly [K in keyof T]: Plain<T[K]> }
          : T;

/** What a handler is given, for the `Args` interface of a resource class. */
export type Inputs<Args> = { readonly [K in keyof Args]: Plain<Args[K]> };
/** What a handler answers, for the `State` interface of a resource class. */
export type Outputs<State> = { readonly [K in keyof State]?: Plain<State[K]> };
