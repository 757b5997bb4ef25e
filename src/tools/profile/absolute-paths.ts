/** Files that a profile names: commands are run in any directory, so their paths have to be absolute. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

const LOCATION = /^ssl\.(?:key|trust)store\.location$/
/** `file://` is the beginning of a URL. */
const FILE = /^file:(?!\/\/)(.+)$/s

const absolute = (path: string, folders: readonly string[]): string => {
  if (path.startsWith('~/')) return join(homedir(), path.slice(2))
  const found = folders.map((folder) => resolve(folder, path))
  return found.find((one) => existsSync(one)) ?? found[0]!
}

/**
 * @param folders where relative paths may begin, the likeliest first
 * @returns the properties with absolute paths, and those of files that are not there
 */
export const withAbsolutePaths = (
  properties: ReadonlyMap<string, string>,
  folders: readonly string[],
): { properties: Map<string, string>; missing: string[] } => {
  const missing: string[] = []
  const pathOf = (path: string): string => {
    const full = absolute(path, folders)
    if (!existsSync(full)) missing.push(full)
    return full
  }
  const all = [...properties].map(([name, value]): [string, string] => {
    const [, path] = FILE.exec(value) ?? []
    if (path !== undefined) return [name, `file:${pathOf(path)}`]
    return [name, LOCATION.test(name) && value !== '' ? pathOf(value) : value]
  })
  return { properties: new Map(all), missing }
}
