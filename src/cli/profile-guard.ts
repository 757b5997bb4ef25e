import { openSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import type { ChangeGuard } from '../client/change-guard.ts'
import type { Profile } from '../config/profiles/profile-file.ts'
import { CommandExit } from './exit.ts'
import type { Io } from './io.ts'

/** Reads a line a person types as the answer to a question. */
export type AskName = (io: Io, message: string) => Promise<string>

/** The terminal as a stream of its own: after a question, standard input could not be read any more. */
const terminal = (): ReadStream | undefined => {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    return undefined
  }
}

const askName: AskName = async (io, message) => {
  await io.out.flush()
  const { default: inquirer } = await import('inquirer')
  const input = terminal()
  try {
    const prompt = inquirer.createPromptModule(input === undefined ? {} : { input })
    const { name } = await prompt([{ type: 'input', name: 'name', message }])
    return String(name)
  } catch {
    // Ctrl-C at the question means no.
    return ''
  } finally {
    input?.destroy()
  }
}

/** `deleteTopics` as words: delete topics; `joinGroup` of `Billing`: join group Billing. */
const words = (call: string, name: string | undefined): string => {
  const text = call.replace(/^incrementalAlter/, 'alter').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return name === undefined ? text : `${text}${call === 'commitOffsets' ? ' of group' : ''} ${name}`
}

/**
 * Guards the cluster of a profile. Read-only ones refuse every change. Protected ones ask a person at a terminal once to type the
 * profile's name, and without a terminal want it from `--confirm`.
 * @returns undefined for a profile that is neither
 */
export const profileGuard = (
  profile: Pick<Profile, 'name' | 'protected' | 'readOnly'>,
  io: Io,
  ask: AskName = askName,
): ChangeGuard | undefined => {
  const { name } = profile
  if (!profile.protected && !profile.readOnly) return undefined
  const refuse = (why: string, next: string): never => {
    if (io.session !== undefined) io.session.refused = true
    throw new CommandExit(1, `${why} Nothing was changed.\n${next}\n`)
  }
  const confirm = async (what: string): Promise<void> => {
    const given = io.session?.confirm
    if (given === name) return
    if (given !== undefined) {
      return refuse(
        `Profile '${name}' is protected, and --confirm names '${given}'.`,
        `If you mean that cluster, say --confirm ${name}.`,
      )
    }
    if (!io.isTTY || !io.stdinIsTTY) {
      return refuse(
        `Profile '${name}' is protected: to ${what} without a terminal has to be confirmed.`,
        `Add --confirm ${name}.`,
      )
    }
    const typed = await ask(io, `Profile '${name}' is protected. Type its name to ${what}:`)
    if (typed.trim() !== name) return refuse('That is not its name.', `--confirm ${name} would not ask.`)
  }
  let confirmed: Promise<void> | undefined
  return {
    beforeChange: async (call, thing) => {
      const what = words(call, thing)
      if (profile.readOnly) {
        const next =
          thing === undefined
            ? 'Use another profile for that.'
            : 'Use another profile for that, or read without a group.'
        refuse(`Profile '${name}' is read-only: it does not let you ${what}.`, next)
      }
      confirmed ??= confirm(what)
      await confirmed
    },
  }
}
