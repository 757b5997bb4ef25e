/** The message facts as they stand in src/protocol/schema, and questions asked of them. */
export interface Field {
  name: string
  type: string
  versions: string
  nullableVersions?: string
  taggedVersions?: string
  flexibleVersions?: string
  tag?: number
  default?: string | number | boolean | null
  ignorable?: boolean
  fields?: Field[]
}

export interface Schema {
  name: string
  type: string
  apiKey?: number
  validVersions: string
  flexibleVersions?: string
  fields: Field[]
  commonStructs?: { name: string; versions: string; fields: Field[] }[]
}

export interface Range {
  min: number
  max: number
}

export const NEVER = 32767
const NONE: Range = { min: NEVER, max: -1 }

/** '3', '0-4', '2+' or 'none' as a closed range. */
export function range(text: string | undefined): Range {
  if (text === undefined || text === 'none') return NONE
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text)
  if (!match) throw new Error(`not a version range: ${text}`)
  const min = Number(match[1])
  return { min, max: match[2] ? NEVER : Number(match[3] ?? min) }
}

export const intersects = (a: Range, b: Range): boolean => a.min <= b.max && b.min <= a.max
const covers = (outer: Range, inner: Range): boolean => outer.min <= inner.min && outer.max >= inner.max

/**
 * A TypeScript condition on `v` that is true inside `wanted`, given that v is known to be inside `known`:
 * 'true' or 'false' when that alone decides it.
 */
export function condition(wanted: Range, known: Range): string {
  if (wanted.min > wanted.max) return 'false'
  if (covers(wanted, known)) return 'true'
  if (!intersects(wanted, known)) return 'false'
  const parts: string[] = []
  if (wanted.min > known.min) parts.push(`v >= ${wanted.min}`)
  if (wanted.max < known.max) parts.push(`v <= ${wanted.max}`)
  return parts.join(' && ')
}
