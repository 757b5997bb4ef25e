const isShort = (text: string): boolean => /^[+-]?\d+$/.test(text) && Number(text) >= -32768 && Number(text) <= 32767

/**
 * Reads `feature=level`.
 * @throws Error with Kafka's words
 */
export const parseFeature = (text: string): [name: string, level: number] => {
  const equals = text.indexOf('=')
  const fail = (why: string): never => {
    throw new Error(`Can't parse feature=level string ${text}: ${why}`)
  }
  if (equals < 0) fail('equals sign not found.')
  const level = text.slice(equals + 1).trim()
  if (!isShort(level)) fail(`unable to parse ${level} as a short.`)
  return [text.slice(0, equals).trim(), Number(level)]
}
