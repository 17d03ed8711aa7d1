/** Stands around a Worker's name where a line it logs begins: several share one process, which does not say who wrote. */
export const LOG_MARK = "\u001e";
