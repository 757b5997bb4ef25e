const SUBSTITUTION = 2
const ADDITION = 1
const DELETION = 4
/** Words further away than this are no guess. */
const LIMIT = 7

/** The distance argparse4j measures: swapping neighbours is free, adding is cheap, leaving out is dear. */
function distance(typed: string, word: string): number {
  let before: number[] = []
  let previous = Array.from({ length: word.length + 1 }, (_, i) => i)
  for (let i = 1; i <= typed.length; i++) {
    const row = [i]
    for (let j = 1; j <= word.length; j++) {
      const same = typed[i - 1] === word[j - 1]
      const costs = [previous[j - 1]! + (same ? 0 : SUBSTITUTION), previous[j]! + DELETION, row[j - 1]! + ADDITION]
      const swapped = i >= 2 && j >= 2 && !same && typed[i - 2] === word[j - 1] && typed[i - 1] === word[j - 2]
      if (swapped) costs.push(before[j - 2]!)
      row.push(Math.min(...costs))
    }
    before = previous
    previous = row
  }
  return previous[word.length]!
}

/** The words nearest to what was typed, as argparse4j suggests them; none when all are far away. */
export function nearest(typed: string, words: readonly string[], prefix = ''): string[] {
  const rated = words
    .map((word) => ({ word: prefix + word, rate: word.startsWith(typed) ? 0 : distance(typed, word) }))
    .sort((a, b) => a.rate - b.rate || (a.word < b.word ? -1 : 1))
  const best = rated[0]?.rate ?? LIMIT
  return best >= LIMIT ? [] : rated.filter(({ rate }) => rate === best).map(({ word }) => word)
}
