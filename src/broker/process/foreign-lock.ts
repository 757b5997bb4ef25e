/** Finds an Apache Kafka that uses a log directory: it holds a POSIX record lock on `.lock` there. */
import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'

/** The file Apache Kafka locks in each log directory. */
const KAFKA_LOCK_FILE = '.lock'

/** Linux's device number as /proc/locks prints it: major and minor in hexadecimal. */
function deviceText(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  return `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`
}

function hasOpen(pid: number, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === path
      } catch {
        return false
      }
    })
  } catch {
    return false
  }
}

/**
 * @returns the process that holds Kafka's lock on the directory, 0 when it is in another container (Linux hides its id), undefined
 *   when nobody does. Only Linux can be asked; elsewhere the answer is undefined.
 */
export function kafkaLockHolder(directory: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const path = realpathSync(`${directory}/${KAFKA_LOCK_FILE}`)
    const { ino, dev } = statSync(path, { bigint: true })
    for (const line of readFileSync('/proc/locks', 'latin1').split('\n')) {
      const found = /^\d+: (?:POSIX|OFDLCK)\s+\S+\s+\S+\s+(-?\d+)\s+([0-9a-f]+:[0-9a-f]+):(\d+)\s/.exec(line)
      if (!found || BigInt(found[3]!) !== ino) continue
      const pid = Math.max(0, Number(found[1]))
      // Some file systems (btrfs, overlays) report another device here than stat does: then the open file decides.
      if (found[2] === deviceText(dev) || hasOpen(pid, path)) return pid
    }
  } catch {
    // No such file, or no /proc: nobody holds it as far as can be known.
  }
  return undefined
}
