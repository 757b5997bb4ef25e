/** Reads files of a jar, which is a zip: the central directory at its end, then the files asked for. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

const END_RECORD = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const END_RECORD_BYTES = 22
const MAX_COMMENT_BYTES = 0xffff
const STORED = 0
const DEFLATED = 8
/** Manifests are small; more than this is not one. */
const MAX_FILE_BYTES = 1024 * 1024

interface Entry {
  readonly name: string
  readonly method: number
  readonly compressedBytes: number
  readonly sizeBytes: number
  readonly position: number
}

const readAt = (fd: number, position: number, length: number): Buffer => {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, readSync(fd, buffer, 0, length, position))
}

const broken = (path: string): Error =>
  new Error(`${path} is not a jar that can be read: its directory is missing or broken`)

const directoryOf = (fd: number, path: string): Entry[] => {
  const { size } = fstatSync(fd)
  const tailBytes = Math.min(size, END_RECORD_BYTES + MAX_COMMENT_BYTES)
  const tail = readAt(fd, size - tailBytes, tailBytes)
  let end = tail.length - END_RECORD_BYTES
  while (end >= 0 && tail.readUInt32LE(end) !== END_RECORD) end--
  if (end < 0) throw broken(path)
  const directory = readAt(fd, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
  const entries: Entry[] = []
  for (let at = 0; at + 46 <= directory.length; ) {
    if (directory.readUInt32LE(at) !== DIRECTORY_ENTRY) throw broken(path)
    const nameBytes = directory.readUInt16LE(at + 28)
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      sizeBytes: directory.readUInt32LE(at + 24),
      position: directory.readUInt32LE(at + 42),
    })
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

const textOf = (fd: number, { name, method, compressedBytes, sizeBytes, position }: Entry, path: string): string => {
  if (sizeBytes > MAX_FILE_BYTES) throw new Error(`${name} in ${path} is too large for a manifest: ${sizeBytes} bytes`)
  const header = readAt(fd, position, 30)
  if (header.length < 30) throw broken(path)
  const start = position + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  const bytes = readAt(fd, start, compressedBytes)
  if (method === STORED) return bytes.toString('utf8')
  if (method === DEFLATED) return inflateRawSync(bytes, { maxOutputLength: MAX_FILE_BYTES }).toString('utf8')
  throw new Error(`${name} in ${path} is compressed in a way that is not known here (${method})`)
}

/**
 * The texts of some files of a jar.
 * @param wanted says which, by their names
 * @throws Error naming the jar when it can't be read
 */
export const readJar = (path: string, wanted: (name: string) => boolean): Map<string, string> => {
  const fd = openSync(path, 'r')
  try {
    const entries = directoryOf(fd, path).filter(({ name }) => wanted(name) && !name.endsWith('/'))
    return new Map(entries.map((entry) => [entry.name, textOf(fd, entry, path)]))
  } finally {
    closeSync(fd)
  }
}
