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

/**
 * The known command a mistyped one probably means: the script's own name (`kafka-topics.sh`), a beginning (`topic`), or a name a
 * few letters away.
 */
export const suggestCommand = (typed: string, known: readonly string[]): string | undefined => {
  const bare = typed.replace(/^kafka-/, '').replace(/\.sh$/, '')
  if (known.includes(bare)) return bare
  const starting = known.filter((name) => name.startsWith(bare) && bare.length > 1)
  if (starting.length === 1) return starting[0]
  const ranked = known
    .map((name) => ({ name, distance: editDistance(bare, name) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= Math.max(1, Math.floor(bare.length / 3)) ? best.name : undefined
}
