/** Which profile `kt profile use` chose. */
import { readFileSync, rmSync } from 'node:fs'
import { currentPath, type Environment } from './places.ts'
import { writePrivately } from './write-privately.ts'

/** What goes back to the embedded broker, in place of a profile's name. */
export const EMBEDDED = 'embedded'

/** The name chosen last; undefined when none is, or its file can't be read. */
export const currentProfile = (env: Environment): string | undefined => {
  try {
    return readFileSync(currentPath(env), 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/** Remembers the chosen profile; undefined for none. */
export const setCurrentProfile = (env: Environment, name: string | undefined): void => {
  if (name === undefined) rmSync(currentPath(env), { force: true })
  else writePrivately(currentPath(env), `${name}\n`)
}
