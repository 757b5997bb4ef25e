import { parseOptions, UnrecognizedOptionError } from './joptsimple.ts'
import type { CommandSpec } from './option-spec.ts'

/** Levenshtein distance of two short words. */
export const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

/** The word a mistyped one probably means: the only one it begins, or one a few letters away. */
export const nearestWord = (typed: string, known: readonly string[]): string | undefined => {
  const starting = known.filter((name) => name.startsWith(typed) && typed.length > 1)
  if (starting.length === 1) return starting[0]
  const ranked = known
    .map((name) => ({ name, distance: editDistance(typed, name) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= Math.max(1, Math.floor(typed.length / 3)) ? best.name : undefined
}

/** The known command a mistyped one probably means: the script's own name (`kafka-topics.sh`), or a word like it. */
export const suggestCommand = (typed: string, known: readonly string[]): string | undefined => {
  const bare = typed.replace(/^kafka-/, '').replace(/\.sh$/, '')
  return known.includes(bare) ? bare : nearestWord(bare, known)
}

/** The option that one unknown to a command probably means; undefined when the command knows all of `args`. */
export const suggestOption = (spec: Pick<CommandSpec, 'options'>, args: readonly string[]): string | undefined => {
  try {
    parseOptions(spec, args)
    return undefined
  } catch (error) {
    if (!(error instanceof UnrecognizedOptionError)) return undefined
    return nearestWord(
      error.option,
      spec.options.map(({ name }) => name),
    )
  }
}
