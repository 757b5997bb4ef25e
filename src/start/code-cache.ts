import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'

/** Code compiled earlier, by the name of the file it was compiled from. */
export type CompiledCode = ReadonlyMap<string, Buffer>

const MAGIC = 'kt-code 1'
/** A folder of caches for each build of kt and version of Node; of those not used any more some are kept. */
const MAX_FOLDERS = 4

/**
 * Reads what `writeCompiled` wrote. V8 checks that code goes with the source and with itself, but not that it is whole: what has
 * been damaged would end the process. Whoever can write the file decides what runs, so it must be this user's own.
 *
 * @returns an empty map where there is no such file or it can't be relied upon
 */
export function readCompiled(path: string): CompiledCode {
  try {
    const bytes = readOwn(path)
    const end = bytes.indexOf('\n', MAGIC.length + 1)
    const [magic, checksum, ...entries] = bytes.toString('latin1', 0, end).split(' | ')
    const body = bytes.subarray(end + 1)
    if (magic !== MAGIC || Number(checksum) !== crc32(body)) return new Map()
    return new Map(slices(entries, body))
  } catch {
    return new Map()
  }
}

function readOwn(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    if (process.getuid && fstatSync(file).uid !== process.getuid()) throw new Error('not ours')
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

function* slices(entries: readonly string[], body: Buffer): Generator<[string, Buffer]> {
  let start = 0
  for (const entry of entries) {
    const [name, length] = entry.split(':') as [string, string]
    const end = start + Number(length)
    yield [name, body.subarray(start, end)]
    start = end
  }
}

/**
 * Writes code for the next start. What can't be written (no room, no home) is done without.
 * File: one line `kt-code 1 | CRC-32 of the rest | name:length | …`, then the code of one name after the other.
 */
export function writeCompiled(path: string, code: CompiledCode): void {
  const temporary = `${path}.${process.pid}`
  try {
    makeFolder(dirname(path))
    const body = Buffer.concat([...code.values()])
    const entries = [...code].map(([name, { length }]) => `${name}:${length}`)
    const head = `${[MAGIC, crc32(body), ...entries].join(' | ')}\n`
    writeFileSync(temporary, Buffer.concat([Buffer.from(head, 'latin1'), body]), { mode: 0o600 })
    renameSync(temporary, path)
  } catch {
    remove(temporary)
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // What can't be removed is as little in the way as what can't be written.
  }
}

function makeFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) === undefined) return
  const parent = dirname(folder)
  const folders = readdirSync(parent).map((name) => join(parent, name))
  const age = new Map(folders.map((one) => [one, statSync(one).mtimeMs]))
  folders.sort((a, b) => age.get(b)! - age.get(a)!)
  for (const old of folders.slice(MAX_FOLDERS)) remove(old)
}
