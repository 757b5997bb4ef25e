/** Lines as Java's argparse4j breaks and fills them. */

/** Where Java's BreakIterator lets a line end: after blanks, and between `-`, `.`, `,` or `:` and a letter. */
const BREAKS = /(?<= )(?! )|(?<=[-.,:])(?=[A-Za-z])/

/** Spreads a line over `width` by widening its gaps, the middle ones first. */
function justify(text: string, width: number): string {
  const words = text.trim().split(/ +/)
  const gapCount = words.length - 1
  const lacking = width - text.trim().length
  if (gapCount === 0 || lacking <= 0) return text.trim()
  const gaps = text.trim().match(/ +/g) ?? []
  const each = Math.floor(lacking / gapCount)
  const rest = lacking % gapCount
  const first = Math.floor((gapCount - rest + 1) / 2)
  return words
    .map((word, i) => {
      if (i === gapCount) return word
      const more = each + (i >= first && i < first + rest ? 1 : 0)
      return word + (gaps[i] ?? ' ') + ' '.repeat(more)
    })
    .join('')
}

/**
 * Wraps text; every line but the last is filled to `width`, which counts the indent.
 * @param indent before every line but the first
 * @param offset columns taken on the first line
 */
export function wrapFilled(text: string, width: number, offset = 0, indent = ''): string {
  const lines: string[] = []
  let line = ''
  let column = offset
  let start = offset
  for (const piece of text.split(BREAKS)) {
    column += piece.length
    if (column > width && line !== '') {
      lines.push(justify(line, width - start))
      line = ''
      start = indent.length
      column = indent.length + piece.length
    }
    line += piece
  }
  return [...lines, line].join(`\n${indent}`)
}
