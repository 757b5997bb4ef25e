/** Fields whose values a broker makes up. */
const MADE_UP = new Set([
  'topicId',
  'memberId',
  'sessionId',
  'clientInstanceId',
  'subscriptionId',
  'directoryId',
  'replicaDirectoryId',
  'leader',
])
const IDS_ONLY = /^[A-Za-z0-9_-]{22}$|-[0-9a-f]{8}-[0-9a-f]{4}-|^[0-9a-f]{8}-[0-9a-f]{4}-/
const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
/** Numbers above this are today's timestamps. */
const LONG_AGO_MS = 1_600_000_000_000n
/** Sizes of disks and of directories. */
const VARYING = new Set([
  'finalizedFeaturesEpoch',
  'totalBytes',
  'usableBytes',
  'lastFetchTimestamp',
  'lastCaughtUpTimestamp',
])

/** Replaces what two brokers may differ in by names given that are the same for both. */
export class Normaliser {
  private readonly names = new Map<string | bigint, string>()
  private readonly ports: readonly number[]
  private readonly dataDir: string

  constructor(ports: readonly number[], dataDir: string) {
    this.ports = ports
    this.dataDir = dataDir
  }

  name(value: string | bigint, as: string): void {
    if (value !== ZERO_UUID) this.names.set(value, as)
  }

  /** A copy of `value` with names for what varies; `sent` holds what the client said itself. */
  normalise(value: unknown, sent: unknown): unknown {
    const own = new Set<unknown>()
    collect(sent, own)
    return this.walk(value, '', own)
  }

  private walk(value: unknown, key: string, own: ReadonlySet<unknown>): unknown {
    if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`
    if (Array.isArray(value)) return value.map((item) => this.walk(item, key, own))
    if (typeof value === 'string') return this.text(value, key)
    if (typeof value === 'bigint') return this.bigint(value, key, own)
    if (key === 'sessionId' && typeof value === 'number' && value > 1234) return '<session>'
    if (key === 'subscriptionId') return '<subscription>'
    if (typeof value === 'number') return this.ports.includes(value) && key === 'port' ? '<port>' : value
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.walk(item, name, own)]))
  }

  private bigint(value: bigint, key: string, own: ReadonlySet<unknown>): string {
    if (VARYING.has(key)) return value > 0n ? '<varies>' : `${value}`
    if (key === 'producerId' && value >= 0n && !own.has(value)) return this.names.get(value) ?? '<producer>'
    return value > LONG_AGO_MS && value < 1n << 50n && !own.has(value) ? '<time>' : `${value}`
  }

  private text(value: string, key: string): string {
    const known = this.names.get(value)
    if (known !== undefined) return known
    if (MADE_UP.has(key) && IDS_ONLY.test(value) && value !== ZERO_UUID) {
      return `<${key.replace(/^replicaD/, 'd')}>`
    }
    let out = value.replaceAll(this.dataDir, '<data>')
    for (const port of this.ports) out = out.replaceAll(`:${port}`, ':<port>')
    out = out.replace(/(within \[)-?\d+, \d+\]/g, '$1<times>]')
    out = out.replace(/(ReplicaKey\(id=1, directoryId=)(?!bm90)[\w-]{22}/g, '$1<directory>')
    for (const [from, to] of this.names) if (typeof from === 'string') out = out.replaceAll(from, to)
    return out
  }
}

function collect(value: unknown, into: Set<unknown>): void {
  if (typeof value === 'bigint') into.add(value)
  else if (Array.isArray(value)) for (const item of value) collect(item, into)
  else if (value !== null && typeof value === 'object' && !Buffer.isBuffer(value)) collect(Object.values(value), into)
}

/** The same value with every array in an order that depends on its content alone. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const keyed = value.map(sorted).map((item) => [JSON.stringify(item), item] as const)
    return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item)
  }
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item)]))
}

/** Where two values differ: 'path: first | second' each. */
export function differences(a: unknown, b: unknown, path = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  if (Array.isArray(a) && Array.isArray(b)) return arrayDifferences(a, b, path)
  if (isObject(a) && isObject(b)) {
    const isFailure = a.errorCode !== b.errorCode && 'errorCode' in a && 'errorCode' in b
    const keys = isFailure ? ['errorCode', 'errorMessage'] : new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].flatMap((key) => differences(a[key], b[key], `${path}.${key}`))
  }
  return [`${path}: ${JSON.stringify(a)} | ${JSON.stringify(b)}`]
}

function arrayDifferences(a: unknown[], b: unknown[], path: string): string[] {
  const shorten = (item: unknown): string => JSON.stringify(item).slice(0, 300)
  const texts = [a, b].map((items) => new Set(items.map((item) => JSON.stringify(item))))
  const onlyA = a.filter((item) => !texts[1]?.has(JSON.stringify(item)))
  const onlyB = b.filter((item) => !texts[0]?.has(JSON.stringify(item)))
  const pairs = pairUp(onlyA, onlyB)
  if (pairs) return pairs.flatMap(([x, y, name]) => differences(x, y, `${path}[${name}]`))
  if (a.length === b.length) return a.flatMap((item, index) => differences(item, b[index], `${path}[${index}]`))
  return [
    `${path}: ${a.length} items | ${b.length} items`,
    ...onlyA.slice(0, 1).map((item) => `${path}: only the first has ${shorten(item)}`),
    ...onlyB.slice(0, 1).map((item) => `${path}: only the second has ${shorten(item)}`),
  ]
}

/** Pairs of items that have the same name; undefined when they have none. */
function pairUp(a: unknown[], b: unknown[]): [unknown, unknown, string][] | undefined {
  const nameOf = (item: unknown): string => {
    if (!isObject(item)) return ''
    const key = ['name', 'apiKey', 'topicName', 'groupId', 'resourceName', 'feature'].find((field) => field in item)
    return key === undefined ? '' : String(item[key])
  }
  if (a.length + b.length === 0 || [...a, ...b].some((item) => nameOf(item) === '')) return undefined
  const names = new Set([...a, ...b].map(nameOf))
  if (names.size < Math.max(a.length, b.length)) return undefined
  const find = (items: unknown[], name: string): unknown => items.find((item) => nameOf(item) === name)
  return [...names].map((name) => [find(a, name), find(b, name), name])
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
