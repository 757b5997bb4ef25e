import type { Output } from '../../cli/output.ts'

/** Size of a terminal, and news of it. */
export interface Terminal {
  size(): { columns: number; rows: number }
  /** Calls back when the size changes; returns the way to stop that. */
  onResize(listener: () => void): () => void
}

/** The terminal of standard output. */
export const processTerminal = (): Terminal => ({
  size: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
  onResize: (listener) => {
    process.stdout.on('resize', listener)
    return () => void process.stdout.off('resize', listener)
  },
})

const ESC = '\x1b['
const HIDE_CURSOR = `${ESC}?25l`
const SHOW_CURSOR = `${ESC}?25h`
const CLEAR_LINE_END = `${ESC}K`
const CLEAR_BELOW = `${ESC}J`

/**
 * Some lines at the bottom of what a terminal shows, drawn again and again in place; what is above stays, and the last drawing stays when it ends.
 */
export class Screen {
  readonly #out: Output
  readonly #terminal: Terminal
  /** Widths of the lines drawn last. */
  #drawn: number[] = []
  #isOpen = false

  constructor(out: Output, terminal: Terminal) {
    this.#out = out
    this.#terminal = terminal
  }

  /** How many columns and lines a drawing may have. */
  get room(): { columns: number; lines: number } {
    const { columns, rows } = this.#terminal.size()
    return { columns, lines: Math.max(2, rows - 1) }
  }

  /** Draws lines, each cut to the terminal's width, over what was drawn before. `style` puts colour on a cut line. */
  draw(lines: readonly string[], style: (line: string, index: number) => string = (line) => line): void {
    const { columns, lines: height } = this.room
    const cut = lines.slice(0, height).map((line) => [...line].slice(0, columns).join(''))
    const body = cut.map((line, i) => `${style(line, i)}${CLEAR_LINE_END}\n`).join('')
    this.#out.write(`${this.#isOpen ? '' : HIDE_CURSOR}${this.#toTop(columns, height)}${body}${CLEAR_BELOW}`)
    this.#isOpen = true
    this.#drawn = cut.map((line) => [...line].length)
  }

  /** A terminal that got narrower has broken lines that no longer fit. */
  #toTop(columns: number, height: number): string {
    const lines = this.#drawn.reduce((total, width) => total + Math.max(1, Math.ceil(width / columns)), 0)
    const up = Math.min(lines, height)
    return up === 0 ? '' : `\r${ESC}${up}A`
  }

  /** Gives the cursor back. Can be called twice. */
  close(): void {
    if (this.#isOpen) this.#out.write(`\r${CLEAR_LINE_END}${SHOW_CURSOR}`)
    this.#isOpen = false
  }
}
