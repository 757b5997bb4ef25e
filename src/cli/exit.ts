/**
 * Ends the command from anywhere inside it: `lines` go to standard error as they are, then the process ends with `code`.
 * This is how usage errors travel; they are no faults of the program and never show a stack.
 */
export class CommandExit extends Error {
  override name = 'CommandExit'
  readonly code: number
  readonly stderr: string
  /** What a person at a terminal reads instead of `stderr`. */
  readonly brief: string
  /** Were the arguments wrong? */
  readonly isUsage: boolean
  readonly nextStep: string | undefined

  /** @param more for programs: what lies behind, whether the arguments were wrong, and how to go on */
  constructor(
    code: number,
    stderr = '',
    brief = stderr,
    more: { cause?: unknown; isUsage?: boolean; message?: string; nextStep?: string } = {},
  ) {
    super(more.message ?? stderr.split('\n', 1)[0], more.cause === undefined ? {} : { cause: more.cause })
    this.isUsage = more.isUsage ?? false
    this.nextStep = more.nextStep
    this.code = code
    this.stderr = stderr
    this.brief = brief
  }
}

/** Something asked for that this version of kt does not have; exit code 1. */
export class NotYetSupportedError extends Error {
  override name = 'NotYetSupportedError'
}
