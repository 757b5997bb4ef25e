import type { Props } from '../api/config.ts'
import type { Predicate, Transformation } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import { withPrefix } from '../config/worker-config.ts'
import { ConnectError } from '../data/errors.ts'
import type { Plugins } from '../plugins/registry.ts'
import type { Position } from './record-errors.ts'

interface Step {
  readonly className: string
  readonly transformation: Transformation
  readonly predicate: Predicate | null
  readonly negate: boolean
}

const namesIn = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** The transformations of a connector, in their order (KIP-66), each where its predicate says so (KIP-585). */
export class TransformationChain {
  readonly #steps: readonly Step[]

  /** @throws ConnectError for a class or a predicate that isn't there; whatever a transformation says of its configs */
  constructor(plugins: Plugins, props: Props) {
    const predicates = new Map(
      namesIn(props.predicates).map((alias) => [alias, makePredicate(plugins, props, alias)] as const),
    )
    this.#steps = namesIn(props.transforms).map((alias) => makeStep(plugins, props, alias, predicates))
  }

  /** @returns the record they make of it; null: dropped */
  apply<R extends ConnectRecord>(record: R, at: Position): R | null {
    let current: R | null = record
    for (const { className, transformation, predicate, negate } of this.#steps) {
      at.stage = 'TRANSFORMATION'
      at.className = className
      if (predicate !== null && predicate.test(current) === negate) continue
      current = transformation.apply(current)
      if (current === null) return null
    }
    return current
  }

  close(): void {
    for (const { transformation, predicate } of this.#steps) {
      transformation.close?.()
      predicate?.close?.()
    }
  }
}

const makePredicate = (plugins: Plugins, props: Props, alias: string): Predicate => {
  const own = withPrefix(props, `predicates.${alias}.`)
  const plugin = plugins.find(own.type ?? '', 'predicate')
  if (plugin === undefined) throw new ConnectError(`predicates.${alias}.type: there is no predicate ${own.type ?? ''}`)
  const predicate = plugin.make()
  predicate.configure(own)
  return predicate
}

const makeStep = (plugins: Plugins, props: Props, alias: string, predicates: ReadonlyMap<string, Predicate>): Step => {
  const { predicate: name, negate, ...own } = withPrefix(props, `transforms.${alias}.`)
  const plugin = plugins.find(own.type ?? '', 'transformation')
  if (plugin === undefined)
    throw new ConnectError(`transforms.${alias}.type: there is no transformation ${own.type ?? ''}`)
  const predicate = name === undefined ? null : predicates.get(name)
  if (predicate === undefined) throw new ConnectError(`transforms.${alias}.predicate: ${name} is not among predicates`)
  const transformation = plugin.make()
  transformation.configure(own)
  return { className: plugin.className, transformation, predicate, negate: negate?.trim().toLowerCase() === 'true' }
}
