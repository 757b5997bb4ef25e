import { type FSWatcher, watch } from 'node:fs'

/** How often to look even without an event: a process that is killed leaves none. */
const LOOK_MS = 100

/**
 * Waits until `look` gives something: looks at once, at every change in `directory`, and ten times a second.
 * @returns what `look` gave, or undefined after `timeoutMs`
 */
export function waitFor<T>(directory: string, timeoutMs: number, look: () => T | undefined): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let watcher: FSWatcher | undefined
    const endsAtMs = performance.now() + timeoutMs
    const finish = (settle: () => void): void => {
      watcher?.close()
      clearInterval(timer)
      settle()
    }
    const check = (): void => {
      try {
        const found = look()
        if (found !== undefined || performance.now() >= endsAtMs) finish(() => resolve(found))
      } catch (error) {
        finish(() => reject(error))
      }
    }
    const timer = setInterval(check, LOOK_MS)
    try {
      watcher = watch(directory, check)
      watcher.on('error', () => watcher?.close())
    } catch {
      // No watching on this file system: the timer does.
    }
    check()
  })
}
