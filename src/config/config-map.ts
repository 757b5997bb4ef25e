/** Typed reading of parsed config values. */
import type { ConfigValue, ConfigValues } from './config-def.ts'

/** Getters by config name. They throw for unknown names, and for unset configs unless the name says `OrNull`. */
export class ConfigMap {
  readonly #values: ConfigValues

  constructor(values: ConfigValues) {
    this.#values = values
  }

  /** @returns the parsed value; null if the config isn't set */
  value(name: string): ConfigValue {
    const value = this.#values.get(name)
    if (value === undefined) throw new RangeError(`There is no config named '${name}'.`)
    return value
  }

  /** @returns an INT or SHORT */
  int(name: string): number {
    return this.long(name)
  }

  /** @returns a LONG as a number: exact up to 2^53, the nearest double above (Long.MAX_VALUE reads as 2^63) */
  long(name: string): number {
    return Number(this.#present(name, ['number', 'bigint']))
  }

  /** @returns a LONG, INT or SHORT as a number, or null if it isn't set */
  longOrNull(name: string): number | null {
    return this.value(name) === null ? null : this.long(name)
  }

  double(name: string): number {
    return this.#present(name, ['number']) as number
  }

  boolean(name: string): boolean {
    return this.#present(name, ['boolean']) as boolean
  }

  /** @returns a STRING, CLASS or PASSWORD (in clear) */
  string(name: string): string {
    return this.#present(name, ['string']) as string
  }

  stringOrNull(name: string): string | null {
    return this.value(name) === null ? null : this.string(name)
  }

  list(name: string): readonly string[] {
    return this.#present(name, ['object']) as readonly string[]
  }

  listOrNull(name: string): readonly string[] | null {
    return this.value(name) === null ? null : this.list(name)
  }

  #present(name: string, types: readonly string[]): ConfigValue {
    const value = this.value(name)
    if (value === null) throw new RangeError(`Config '${name}' is not set and has no default.`)
    if (!types.includes(typeof value)) throw new TypeError(`Config '${name}' is not of type ${types.join(' or ')}.`)
    return value
  }
}
