import * as fs from 'node:fs'

/** What storage needs to know of a file. */
export interface FileStat {
  sizeBytes: number
  modifiedMs: number
  isDirectory: boolean
}

/**
 * Every file operation of the storage engine goes through this seam, so that tests can break the disk.
 * Calls throw Node's system errors (`code` ENOSPC, EIO, ENOENT …). Reads and writes may be short, as the kernel's are.
 */
export interface FileSystem {
  /** Opens for reading and writing, creating the file if it isn't there. */
  openReadWrite(path: string): number
  openRead(path: string): number
  close(fd: number): void
  read(fd: number, buffer: Buffer, position: number): number
  readAsync(fd: number, buffer: Buffer, position: number): Promise<number>
  /** Writes the buffers in order at `position`; returns the bytes written, possibly fewer than given. */
  write(fd: number, buffers: readonly Buffer[], position: number): number
  truncate(fd: number, sizeBytes: number): void
  /** fdatasync off the event loop. */
  sync(fd: number): Promise<void>
  fsync(fd: number): void
  /** Makes renames and creations in a directory durable. */
  syncDirectory(path: string): void
  stat(path: string): FileStat | undefined
  fileSize(fd: number): number
  list(directory: string): string[]
  rename(from: string, to: string): void
  /** Removes a file; no error when it is already gone. */
  remove(path: string): void
  removeDirectory(path: string): Promise<void>
  makeDirectory(path: string): void
}

function openFlags(): number {
  return fs.constants.O_RDWR | fs.constants.O_CREAT
}

function syncDirectory(path: string): void {
  // Windows can't open a directory; there the rename itself is all one can do.
  if (process.platform === 'win32') return
  const fd = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function stat(path: string): FileStat | undefined {
  const found = fs.statSync(path, { throwIfNoEntry: false })
  return found && { sizeBytes: found.size, modifiedMs: found.mtimeMs, isDirectory: found.isDirectory() }
}

/** The real file system. */
export const nodeFileSystem: FileSystem = {
  openReadWrite: (path) => fs.openSync(path, openFlags(), 0o644),
  openRead: (path) => fs.openSync(path, 'r'),
  close: (fd) => fs.closeSync(fd),
  read: (fd, buffer, position) => fs.readSync(fd, buffer, 0, buffer.length, position),
  readAsync: (fd, buffer, position) =>
    new Promise((resolve, reject) => {
      fs.read(fd, buffer, 0, buffer.length, position, (error, bytesRead) =>
        error ? reject(error) : resolve(bytesRead),
      )
    }),
  write: (fd, buffers, position) => {
    const only = buffers.length === 1 ? buffers[0] : undefined
    return only ? fs.writeSync(fd, only, 0, only.length, position) : fs.writevSync(fd, buffers, position)
  },
  truncate: (fd, sizeBytes) => fs.ftruncateSync(fd, sizeBytes),
  sync: (fd) => new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
  fsync: (fd) => fs.fsyncSync(fd),
  syncDirectory,
  stat,
  fileSize: (fd) => fs.fstatSync(fd).size,
  list: (directory) => fs.readdirSync(directory),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  removeDirectory: (path) => fs.promises.rm(path, { recursive: true, force: true }),
  makeDirectory: (path) => {
    fs.mkdirSync(path, { recursive: true })
  },
}

/** Reads until the buffer is full or the file ends; returns the filled part. */
export function readFully(fileSystem: FileSystem, fd: number, buffer: Buffer, position: number): Buffer {
  let filled = 0
  while (filled < buffer.length) {
    const bytesRead = fileSystem.read(fd, filled === 0 ? buffer : buffer.subarray(filled), position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled === buffer.length ? buffer : buffer.subarray(0, filled)
}

/** As `readFully`, off the event loop. */
export async function readFullyAsync(
  fileSystem: FileSystem,
  fd: number,
  buffer: Buffer,
  position: number,
): Promise<Buffer> {
  let filled = 0
  while (filled < buffer.length) {
    const rest = filled === 0 ? buffer : buffer.subarray(filled)
    const bytesRead = await fileSystem.readAsync(fd, rest, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled === buffer.length ? buffer : buffer.subarray(0, filled)
}

/** Writes everything, going on after short writes. Throws the system error; the file may then hold a part. */
export function writeFully(fileSystem: FileSystem, fd: number, buffers: readonly Buffer[], position: number): void {
  let rest = buffers.filter((buffer) => buffer.length > 0)
  let at = position
  while (rest.length > 0) {
    let written = fileSystem.write(fd, rest, at)
    at += written
    let done = 0
    while (done < rest.length && written >= rest[done]!.length) written -= rest[done++]!.length
    rest = rest.slice(done)
    if (written > 0) rest[0] = rest[0]!.subarray(written)
  }
}

/** A whole small file, or undefined when there is none. */
export function readWholeFile(fileSystem: FileSystem, path: string): Buffer | undefined {
  const found = fileSystem.stat(path)
  if (found === undefined) return undefined
  const fd = fileSystem.openRead(path)
  try {
    return readFully(fileSystem, fd, Buffer.alloc(found.sizeBytes), 0)
  } finally {
    fileSystem.close(fd)
  }
}

/**
 * Replaces a file so that a crash leaves either the old or the new content: temporary file, fsync, rename, fsync of the
 * directory. `durable: false` skips both fsyncs (for files that recovery can do without).
 */
export function writeAtomically(
  fileSystem: FileSystem,
  directory: string,
  name: string,
  content: string | Buffer,
  durable = true,
): void {
  const path = `${directory}/${name}`
  const temporary = `${path}.tmp`
  const fd = fileSystem.openReadWrite(temporary)
  try {
    fileSystem.truncate(fd, 0)
    writeFully(fileSystem, fd, [typeof content === 'string' ? Buffer.from(content) : content], 0)
    if (durable) fileSystem.fsync(fd)
  } finally {
    fileSystem.close(fd)
  }
  fileSystem.rename(temporary, path)
  if (durable) fileSystem.syncDirectory(directory)
}
