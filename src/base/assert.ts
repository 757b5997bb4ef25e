/** A broken invariant of kt itself: never the user's doing, never something to retry. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/**
 * Throws an AssertionError with `message` when `cond` is false. For invariants only: input from a user, a socket or a
 * disk is checked with typed errors of its own. On a hot path build no template string: pass a constant, or test first.
 */
export function assert(cond: unknown, message: string): asserts cond {
  if (!cond) throw new AssertionError(message)
}
