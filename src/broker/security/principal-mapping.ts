/** ssl.principal.mapping.rules (KIP-371): names of principals from the distinguished names of certificates. */

const RULE = /(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?).*?|(.*?)/
const SPLIT = new RegExp(`\\s*(?:${RULE.source})\\s*(,\\s*|$)`, 'gy')

type Rule = (distinguishedName: string) => string | undefined

/** No rule fits a certificate: its owner can't be named, and gets no connection. */
export class NoMatchingRuleError extends Error {
  override readonly name = 'NoMatchingRuleError'
}

/**
 * @param rules `DEFAULT`, or `RULE:pattern/replacement/` with L or U behind for lower or upper case; commas between; the first that fits counts
 * @throws RangeError in Kafka's words for a text that is no rule
 */
export function principalMapping(rules: string): (distinguishedName: string) => string {
  const parsed = splitRules(rules).map(parseRule)
  return (distinguishedName) => {
    for (const rule of parsed) {
      const name = rule(distinguishedName)
      if (name !== undefined) return name
    }
    throw new NoMatchingRuleError(`No rules apply to ${distinguishedName}, rules ${rules}`)
  }
}

function splitRules(rules: string): string[] {
  const text = rules.trim() === '' ? 'DEFAULT' : rules
  const found: string[] = []
  SPLIT.lastIndex = 0
  while (SPLIT.lastIndex < text.length) {
    const from = SPLIT.lastIndex
    const match = SPLIT.exec(text)
    if (match === null || SPLIT.lastIndex === from) {
      throw new RangeError(`Invalid rule: \`${text}\`, unmatched substring: \`${text.slice(from)}\``)
    }
    const rule = match[0].slice(0, match[0].length - (match[6] ?? '').length).trim()
    if (rule !== '') found.push(rule)
  }
  return found
}

function parseRule(text: string): Rule {
  const match = new RegExp(`^(?:${RULE.source})$`).exec(text)
  if (match?.[1] !== undefined) return (distinguishedName) => distinguishedName
  const [, , source, replacement, letterCase] = match ?? []
  if (source === undefined || replacement === undefined) throw new RangeError(`Invalid rule: ${text}`)
  let whole: RegExp
  let every: RegExp
  try {
    whole = new RegExp(`^(?:${source})$`)
    every = new RegExp(source, 'g')
  } catch (error) {
    throw new RangeError(`Invalid rule: ${text}`, { cause: error })
  }
  return (distinguishedName) => {
    if (!whole.test(distinguishedName)) return undefined
    const name = distinguishedName.replaceAll(every, (...groups: unknown[]) => filled(replacement, groups))
    return letterCase === 'L' ? name.toLowerCase() : letterCase === 'U' ? name.toUpperCase() : name
  }
}

/** Java's replacement syntax: `$1` is a group, a backslash takes what follows as it is. A group that isn't there stays as it is written. */
function filled(replacement: string, args: readonly unknown[]): string {
  const groupCount = args.findIndex((arg) => typeof arg === 'number') - 1
  return replacement.replace(/\\(.)|\$(\d)/g, (all, literal: string | undefined, group: string | undefined) => {
    if (literal !== undefined) return literal
    const value = Number(group) <= groupCount ? args[Number(group)] : all
    return typeof value === 'string' ? value : ''
  })
}
