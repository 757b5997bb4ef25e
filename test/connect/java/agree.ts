/** Exceptions whose words are Kafka's own, not those of Java's library. */
const KAFKAS = /^! org\.apache\.kafka\./

/** A Date of JavaScript reaches 273,000 years, one of Java a thousand times as far. */
const BEYOND_DATES = 'is too far from 1970 to be represented.'

/** Whether an outcome of ours is what Java's is. Where Java stumbles over itself (NullPointerException …), failing is enough. */
export function agree(java: string, ours: string): boolean {
  if (java === ours || ours.endsWith(BEYOND_DATES)) return true
  if (!java.startsWith('!') || !ours.startsWith('!')) return false
  if (!KAFKAS.test(java)) return true
  return vague(java) === vague(ours)
}

const FIELD_FAILS = 'a field'

/** A number's class can't be told from the number, and a pattern's complaint is its library's. */
const vague = (outcome: string): string =>
  outcome
    // Which of several fields is the first to fail depends on hashes in Java.
    .replace(
      /\S+ Cannot mask value of.*|\S+ Unable to convert .* to a number|\S+ Value .* was out of range.*/s,
      FIELD_FAILS,
    )
    .replace(/\S+ (Cast transformation does not support casting from|Unexpected type in Cast).*/s, FIELD_FAILS)
    .replace(/java\.lang\.(Byte|Short|Integer|Long|Float|Double)\b/g, 'a number')
    .replace(/java\.util\.\w*(Map|List)\b/g, 'a $1')
    .replace(/(Invalid regex: ).*/s, '$1')
    // A whole record is told, with its address in memory.
    .replace(/(Timestamp missing on record: ).*/s, '$1')
    .replace(/(No value specified for static field: ).*/, '$1')
