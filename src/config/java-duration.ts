const DURATION =
  /^([+-]?)P(?:([+-]?[0-9]+)D)?(T(?:([+-]?[0-9]+)H)?(?:([+-]?[0-9]+)M)?(?:([+-]?[0-9]+)(?:[.,]([0-9]{0,9}))?S)?)?$/i

/**
 * Reads an ISO-8601 duration the way java.time.Duration.parse does (days to seconds, no years, months or weeks).
 * @returns whole milliseconds, or null where Java would refuse the text
 */
export function parseJavaDuration(text: string): number | null {
  const match = DURATION.exec(text)
  if (!match) return null
  const [, sign, days, time, hours, minutes, seconds, fraction] = match
  if (time?.length === 1 || [days, hours, minutes, seconds].every((part) => part === undefined)) return null
  const wholeSeconds = ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60
  const fractionMs = Number((fraction ?? '').padEnd(3, '0').slice(0, 3))
  const secondsMs = Number(seconds ?? 0) * 1000 + (seconds?.startsWith('-') ? -fractionMs : fractionMs)
  const totalMs = wholeSeconds * 1000 + secondsMs
  return sign === '-' && totalMs !== 0 ? -totalMs : totalMs
}
