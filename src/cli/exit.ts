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

  constructor(code: number, stderr = '', brief = stderr) {
    super(stderr.split('\n', 1)[0])
    this.code = code
    this.stderr = stderr
    this.brief = brief
  }
}

/** Something asked for that this version of kt does not have; exit code 1. */
export class NotYetSupportedError extends Error {
  override name = 'NotYetSupportedError'
}
