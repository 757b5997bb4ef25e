import { closeSync, fstatSync, openSync, readSync, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

const CHUNK_BYTES = 64 * 1024
const NEWLINE = 10

/** The last lines of a file, read from its end. Throws the system's error when it can't be read. */
export function lastLines(path: string, count: number): Buffer {
  const fd = openSync(path, 'r')
  try {
    let start = fstatSync(fd).size
    let content = Buffer.alloc(0)
    while (start > 0 && lineStart(content, count) === undefined) {
      const length = Math.min(CHUNK_BYTES, start)
      start -= length
      const chunk = Buffer.alloc(length)
      content = Buffer.concat([chunk.subarray(0, readSync(fd, chunk, 0, length, start)), content])
    }
    return content.subarray(lineStart(content, count) ?? 0)
  } finally {
    closeSync(fd)
  }
}

/** Where the last `count` lines begin; undefined when the buffer doesn't hold the newline before them. */
function lineStart(content: Buffer, count: number): number | undefined {
  if (count === 0) return content.length
  let at = content.at(-1) === NEWLINE ? content.length - 1 : content.length
  for (let left = count; left > 0; left--) {
    at = at === 0 ? -1 : content.lastIndexOf(NEWLINE, at - 1)
    if (at < 0) return undefined
  }
  return at + 1
}

/**
 * Gives what is appended to a file from now on, through rotations (the file renamed and begun anew).
 * @param start position to begin at
 * @returns how to stop
 */
export function followFile(path: string, start: number, onData: (data: Buffer) => void): () => void {
  let fd = openSync(path, 'r')
  let position = start
  const readRest = (): void => {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (let length = readSync(fd, chunk, 0, chunk.length, position); length > 0; ) {
      position += length
      onData(Buffer.from(chunk.subarray(0, length)))
      length = readSync(fd, chunk, 0, chunk.length, position)
    }
  }
  const look = (): void => {
    readRest()
    const now = statSync(path, { throwIfNoEntry: false })
    if (now === undefined || now.ino === fstatSync(fd).ino) return
    const next = openSync(path, 'r')
    readRest()
    closeSync(fd)
    fd = next
    position = 0
    readRest()
  }
  const watcher = watch(dirname(path), (_event, name) => {
    if (name === null || name === basename(path)) look()
  })
  look()
  return () => {
    watcher.close()
    closeSync(fd)
  }
}
