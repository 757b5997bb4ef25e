import type { CharClass } from './char-class.ts'
import { Re2Message, Re2SyntaxError } from './re2-error.ts'
import { type Assertion, type Node, parseRe2 } from './re2-parser.ts'

/** Bounds memory and time: a repetition of repetitions multiplies. RE2/J itself would take more. */
const MAX_INSTRUCTIONS = 5000

type Instruction =
  | { readonly op: 'chars'; readonly set: CharClass; next: number }
  | { readonly op: 'assert'; readonly what: Assertion; next: number }
  | { readonly op: 'split'; next: number; other: number }
  | { readonly op: 'match' }

/**
 * A regular expression of RE2's syntax that matches whole ASCII texts, such as topic names, in time linear in their
 * length: what a client sends can't make the broker backtrack for ever.
 */
export class Re2 {
  readonly #program: Instruction[] = [{ op: 'match' }]
  readonly #start: number
  #steps = 0

  /** @throws Re2SyntaxError */
  constructor(pattern: string) {
    this.#start = this.#compile(parseRe2(pattern), 0)
  }

  /** True when the whole text matches. */
  matches(text: string): boolean {
    let states = this.#closure([this.#start], text, 0)
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const next: number[] = []
      for (const state of states) {
        const instruction = this.#program[state]!
        if (instruction.op === 'chars' && instruction.set.has(code)) next.push(instruction.next)
      }
      if (next.length === 0) return false
      states = this.#closure(next, text, at + 1)
    }
    return states.includes(0)
  }

  /** Everything that can be reached without a character. */
  #closure(starts: readonly number[], text: string, at: number): number[] {
    const seen = new Uint8Array(this.#program.length)
    const reached: number[] = []
    const stack = [...starts]
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      if (seen[state] === 1) continue
      seen[state] = 1
      const instruction = this.#program[state]!
      if (instruction.op === 'split') stack.push(instruction.next, instruction.other)
      else if (instruction.op !== 'assert') reached.push(state)
      else if (holds(instruction.what, text, at)) stack.push(instruction.next)
    }
    return reached
  }

  #emit(instruction: Instruction): number {
    if (this.#program.length >= MAX_INSTRUCTIONS) throw new Re2SyntaxError(Re2Message.REPEAT_SIZE)
    return this.#program.push(instruction) - 1
  }

  /** Compiles a node that goes on to instruction `next`; from the end, so that each knows where to go. */
  #compile(node: Node, next: number): number {
    // What compiles to nothing takes time too when it is repeated.
    if (++this.#steps > 4 * MAX_INSTRUCTIONS) throw new Re2SyntaxError(Re2Message.REPEAT_SIZE)
    switch (node.kind) {
      case 'empty':
        return next
      case 'chars':
        return this.#emit({ op: 'chars', set: node.set, next })
      case 'assert':
        return this.#emit({ op: 'assert', what: node.what, next })
      case 'sequence':
        return node.nodes.reduceRight((after, each) => this.#compile(each, after), next)
      case 'choice':
        return node.nodes
          .map((each) => this.#compile(each, next))
          .reduceRight((other, each) => this.#emit({ op: 'split', next: each, other }))
      case 'repeat':
        return this.#compileRepeat(node.node, node.min, node.max, next)
    }
  }

  #compileRepeat(node: Node, min: number, max: number | null, next: number): number {
    let start = next
    if (max === null) {
      const loop = { op: 'split' as const, next: 0, other: next }
      start = this.#emit(loop)
      loop.next = this.#compile(node, start)
    } else {
      for (let i = min; i < max; i++) {
        start = this.#emit({ op: 'split', next: this.#compile(node, start), other: next })
      }
    }
    for (let i = 0; i < min; i++) start = this.#compile(node, start)
    return start
  }
}

const isWord = (char: string | undefined): boolean => char !== undefined && /\w/.test(char)

function holds(what: Assertion, text: string, at: number): boolean {
  switch (what) {
    case 'begin':
      return at === 0
    case 'end':
      return at === text.length
    case 'line-begin':
      return at === 0 || text[at - 1] === '\n'
    case 'line-end':
      return at === text.length || text[at] === '\n'
    case 'word-boundary':
      return isWord(text[at - 1]) !== isWord(text[at])
    case 'no-word-boundary':
      return isWord(text[at - 1]) === isWord(text[at])
  }
}
