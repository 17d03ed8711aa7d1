/** Outputs of our components that are for Bowline itself; always secret, so encrypted in the state. */

/** The resolved link of a linkable. */
export const LINK_OUTPUT = "__link";
/** What a consumer was given: `Consumer`. */
export const CONSUMER_OUTPUT = "__consumer";
