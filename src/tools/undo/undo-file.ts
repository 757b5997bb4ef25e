/** Undo files: what offsets and configs were before kt changed them, one JSON file a change, in the directory of kt's state. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Environment, stateDir } from '../../config/profiles/places.ts'
import { ProfileError } from '../../config/profiles/profile-error.ts'
import { writePrivately } from '../../config/profiles/write-privately.ts'
import type { UndoRecord } from './undo-schema.ts'

/** How many files are kept, and for how long. */
const MAX_FILES = 100
const MAX_AGE_MS = 30 * 24 * 3600 * 1000

/** Where undo files are. */
export const undoDir = (env: Environment): string => join(stateDir(env), 'undo')

/** Names of the undo files there are, newest first. */
export const undoNames = (env: Environment): string[] => {
  try {
    return readdirSync(undoDir(env))
      .filter((name) => /^\d{8}T\d{9}Z-.*\.json$/.test(name))
      .sort()
      .reverse()
  } catch {
    return []
  }
}

const timeOfName = (name: string): number => {
  const [, y, mo, d, h, mi, s, ms] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z/.exec(name) ?? []
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s), Number(ms))
}

/** Removes what is too old or too much. */
const prune = (env: Environment, nowMs: number): void => {
  for (const [i, name] of undoNames(env).entries()) {
    if (i >= MAX_FILES || nowMs - timeOfName(name) > MAX_AGE_MS) rmSync(join(undoDir(env), name), { force: true })
  }
}

const unfinishedPath = (env: Environment): string => join(undoDir(env), 'unfinished')

/** Notes which undo file is being put back, so that it can be gone on with after a crash; undefined when it is done. */
export const setUnfinished = (env: Environment, path: string | undefined): void => {
  if (path === undefined) rmSync(unfinishedPath(env), { force: true })
  else writePrivately(unfinishedPath(env), path)
}

/** The undo file that was not put back to the end. */
const unfinished = (env: Environment): string | undefined => {
  try {
    return readFileSync(unfinishedPath(env), 'utf8')
  } catch {
    return undefined
  }
}

/**
 * The undo file that `kt undo` means: the newest one, or the one that the change of the newest did not put back to the end.
 * @returns undefined when there is none
 */
export const nextUndo = async (env: Environment): Promise<{ path: string; isUnfinished: boolean } | undefined> => {
  const [name] = undoNames(env)
  if (name === undefined) return undefined
  const path = join(undoDir(env), name)
  const { undoes } = await readUndo(path)
  const isUnfinished = undoes !== undefined && undoes === unfinished(env)
  return { path: isUnfinished ? undoes : path, isUnfinished }
}

const entityText = (entity: Readonly<Record<string, string | null>>): string =>
  Object.entries(entity)
    .map(([type, name]) => `${type} ${name ?? '(default)'}`)
    .join(', ')

/** What is changed, in a few words. */
export const subjectOf = ({ change }: Pick<UndoRecord, 'change'>): string => {
  if (change.kind === 'quotas') return `quotas of ${entityText(change.entity)}`
  if (change.kind === 'configs') return `configs of ${change.type} ${change.name === '' ? '(default)' : change.name}`
  return `offsets of ${change.kind === 'offsets' ? 'group' : 'share group'} ${change.group}`
}

/**
 * Writes an undo file, and removes old ones.
 * @returns its path
 */
export const writeUndo = (env: Environment, record: UndoRecord): string => {
  const subject = subjectOf(record).replace(' of', '')
  const clean = subject
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/-$/, '')
    .slice(0, 80)
  mkdirSync(undoDir(env), { recursive: true, mode: 0o700 })
  const path = join(undoDir(env), `${record.time.replace(/[-:.]/g, '')}-${clean}.json`)
  writePrivately(path, `${JSON.stringify(record, null, 2)}\n`)
  prune(env, Date.parse(record.time))
  return path
}

/**
 * Reads an undo file.
 * @throws ProfileError when it is none
 */
export const readUndo = async (path: string): Promise<UndoRecord> => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { message } = error as Error
    throw new ProfileError(`The undo file can't be read: ${message}`, '`kt undo --list` shows those there are.', {
      cause: error,
    })
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    content = undefined
  }
  const checked = (await import('./undo-schema.ts')).undoSchema.safeParse(content)
  if (checked.success) return checked.data
  const issue = content === undefined ? undefined : checked.error.issues[0]
  const reason = issue === undefined ? 'it is not JSON' : `${issue.path.join('.')}: ${issue.message}`
  throw new ProfileError(`${path} is no undo file: ${reason}`, '`kt undo --list` shows those there are.')
}
