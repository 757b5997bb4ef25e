/** What Java calls the class of an error; errors of plugins by their own name. */
export const exceptionClassOf = (error: unknown): string => {
  const { exceptionClass } = error as { exceptionClass?: unknown }
  if (typeof exceptionClass === 'string') return exceptionClass
  return error instanceof Error ? error.name : 'Error'
}

/** Message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const MAX_CAUSES = 10

/** A stack trace in Java's shape: class and message, where it came from, and the causes. */
export const traceOf = (error: unknown): string => {
  const lines: string[] = []
  let current: unknown = error
  for (let depth = 0; current !== undefined && current !== null && depth < MAX_CAUSES; depth++) {
    lines.push(`${depth === 0 ? '' : 'Caused by: '}${exceptionClassOf(current)}: ${messageOf(current)}`)
    if (!(current instanceof Error)) break
    for (const line of (current.stack ?? '').split('\n')) {
      if (/^\s+at /.test(line)) lines.push(`\t${line.trim()}`)
    }
    current = current.cause
  }
  return `${lines.join('\n')}\n`
}
