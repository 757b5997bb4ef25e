/** Names of fields within fields (KIP-821): `a.b`, with backticks around names that have dots themselves. */
import { ConfigError } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { ConnectValue, Field, Schema } from '../api/data.ts'
import { oneOfIgnoringCase, PluginConfig } from '../config/plugin-config.ts'
import { fieldOf } from '../data/schema.ts'
import type { Struct } from '../data/struct.ts'
import { fieldValue, requireMapOrNull, requireStructOrNull } from './side.ts'

const PURPOSE = 'nested field access'

export const FIELD_SYNTAX_VERSION: ConnectConfigKey = {
  name: 'field.syntax.version',
  type: 'STRING',
  defaultValue: 'V1',
  importance: 'HIGH',
  documentation:
    'V1: a name is that of a field at the top. V2: names with dots between them lead to fields within fields; ' +
    'a name that has dots itself stands in backticks.',
  validator: oneOfIgnoringCase('V1', 'V2'),
}

/** The way to one field. */
export class FieldPath {
  private readonly parents: readonly string[]
  private readonly last: string

  constructor(steps: readonly string[]) {
    this.parents = steps.slice(0, -1)
    this.last = steps.at(-1) ?? ''
  }

  /** @throws ConfigError if a backtick is missing */
  static fromConfig(path: string, props: Props): FieldPath {
    const version = new PluginConfig([FIELD_SYNTAX_VERSION], props).text(FIELD_SYNTAX_VERSION.name)!
    return new FieldPath(version.toUpperCase() === 'V2' ? stepsOf(path) : [path])
  }

  /** @returns undefined if there is no such field */
  fieldFrom(schema: Schema): Field | undefined {
    let current = schema
    for (const step of this.parents) {
      const field = fieldOf(current, step)
      if (field === undefined) return undefined
      current = field.schema
    }
    return fieldOf(current, this.last)
  }

  /** @returns null if there is no such field, or a structure on the way to it is null */
  valueFromStruct(struct: Struct, replacesNull: boolean): ConnectValue {
    let current: Struct = struct
    for (const step of this.parents) {
      if (fieldOf(current.schema, step) === undefined) return null
      const next = requireStructOrNull(current.get(step), PURPOSE)
      if (next === null) return null
      current = next
    }
    return fieldOf(current.schema, this.last) === undefined ? null : fieldValue(current, this.last, replacesNull)
  }

  /** As valueFromStruct. */
  valueFromMap(map: Map<string, ConnectValue>): ConnectValue {
    let current = map
    for (const step of this.parents) {
      const next = requireMapOrNull(current.get(step) ?? null, PURPOSE)
      if (next === null) return null
      current = next
    }
    return current.get(this.last) ?? null
  }
}

/** @returns the names in a path of version 2 @throws ConfigError if a backtick is missing */
export function stepsOf(path: string): string[] {
  const steps: string[] = []
  let position = 0
  while (position < path.length) {
    if (path[position] === '`') {
      const { step, end } = quotedStep(path, position)
      steps.push(step)
      position = end
    } else {
      const dot = path.indexOf('.', position)
      steps.push(path.slice(position, dot < 0 ? undefined : dot))
      position = dot < 0 ? path.length : dot + 1
    }
  }
  if (path.endsWith('.')) steps.push('')
  return steps
}

/** A step ends with a backtick before a dot or at the end; a backslash before such a one makes it part of the name. */
function quotedStep(path: string, start: number): { step: string; end: number } {
  let step = ''
  let from = start + 1
  let search = from
  for (;;) {
    const backtick = path.indexOf('`', search)
    const isLast = backtick === path.length - 1
    const isEscaped = path[backtick - 1] === '\\'
    if (backtick < 0 || (isLast && isEscaped)) {
      throw new ConfigError(
        `Incomplete backtick pair in path: [${path}], ` +
          `consider adding a backslash before backtick at position ${start} to escape it`,
      )
    }
    if (isLast || (path[backtick + 1] === '.' && !isEscaped)) {
      return { step: step + path.slice(from, backtick), end: isLast ? path.length : backtick + 2 }
    }
    search = backtick + 1
    if (path[backtick + 1] !== '.') continue
    step += `${path.slice(from, backtick - 1)}\``
    from = search
  }
}
