import { type FileSystem, nodeFileSystem } from '../../storage/file-system.ts'

/** System errors a disk fault can be. */
export const DISK_ERRORS = ['ENOSPC', 'EIO', 'EROFS', 'EACCES', 'EMFILE'] as const
export type DiskError = (typeof DISK_ERRORS)[number]

const MESSAGES: Readonly<Record<DiskError, string>> = {
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
  EROFS: 'read-only file system',
  EACCES: 'permission denied',
  EMFILE: 'too many open files',
}

/** Which file operations a disk fault is about; what is left out matches all. */
export interface DiskFaultMatch {
  /** Default: writes, which is what makes files and makes them longer. */
  operation?: 'write' | 'read' | 'sync'
  /** Part of the path: 'orders-0', '.index'. */
  path?: string
}

interface DiskFault {
  match: DiskFaultMatch
  error?: DiskError
  delayMs: number
}

/** A file system that fails or takes its time on demand; otherwise the real one. */
export class FaultyDisk {
  readonly fileSystem: FileSystem
  private readonly faults = new Set<DiskFault>()
  private readonly paths = new Map<number, string>()

  constructor(real: FileSystem = nodeFileSystem) {
    this.fileSystem = this.wrap(real)
  }

  /** Makes operations throw a system error until the returned function, or `heal`, ends it. */
  fail(error: DiskError, match: DiskFaultMatch = {}): () => void {
    return this.add({ match, error, delayMs: 0 })
  }

  /**
   * Makes reads and flushes (by default both) take longer. Writes go to the operating system's cache, where even a slow disk
   * takes them at once.
   */
  slow(delayMs: number, match: DiskFaultMatch = {}): () => void {
    return this.add({ match, delayMs })
  }

  /** Ends all disk faults. */
  heal(): void {
    this.faults.clear()
  }

  private add(fault: DiskFault): () => void {
    this.faults.add(fault)
    return () => void this.faults.delete(fault)
  }

  private check(operation: 'write' | 'read' | 'sync', path: string): void {
    for (const { match, error } of this.faults) {
      if (!error || (match.operation ?? 'write') !== operation || !path.includes(match.path ?? '')) continue
      throw Object.assign(new Error(`${error}: ${MESSAGES[error]}, ${operation} '${path}'`), { code: error, path })
    }
  }

  private async wait(operation: 'read' | 'sync', path: string): Promise<void> {
    for (const { match, error, delayMs } of this.faults) {
      if (error || (match.operation ?? operation) !== operation || !path.includes(match.path ?? '')) continue
      await new Promise((resolve) => setTimeout(resolve, delayMs))
    }
  }

  private pathOf(fd: number): string {
    return this.paths.get(fd) ?? ''
  }

  private opened(fd: number, path: string): number {
    this.paths.set(fd, path)
    return fd
  }

  private wrap(real: FileSystem): FileSystem {
    return {
      ...real,
      openReadWrite: (path) => {
        this.check('write', path)
        return this.opened(real.openReadWrite(path), path)
      },
      openRead: (path) => {
        this.check('read', path)
        return this.opened(real.openRead(path), path)
      },
      close: (fd) => {
        this.paths.delete(fd)
        real.close(fd)
      },
      read: (fd, buffer, position) => {
        this.check('read', this.pathOf(fd))
        return real.read(fd, buffer, position)
      },
      readAsync: async (fd, buffer, position) => {
        const path = this.pathOf(fd)
        await this.wait('read', path)
        this.check('read', path)
        return real.readAsync(fd, buffer, position)
      },
      write: (fd, buffers, position) => {
        this.check('write', this.pathOf(fd))
        return real.write(fd, buffers, position)
      },
      truncate: (fd, sizeBytes) => {
        this.check('write', this.pathOf(fd))
        real.truncate(fd, sizeBytes)
      },
      makeDirectory: (path) => {
        this.check('write', path)
        real.makeDirectory(path)
      },
      rename: (from, to) => {
        this.check('write', to)
        real.rename(from, to)
      },
      fsync: (fd) => {
        this.check('sync', this.pathOf(fd))
        real.fsync(fd)
      },
      sync: async (fd) => {
        const path = this.pathOf(fd)
        await this.wait('sync', path)
        this.check('sync', path)
        await real.sync(fd)
      },
    }
  }
}
