import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { keyringPlaceOf, storeInKeyring } from '../../config/profiles/secrets.ts'

/**
 * Asks for a password, without showing it, and whether the keyring may keep it.
 * @returns the property's value: a reference to the keyring, or the password itself
 * @throws CommandExit on Ctrl-C, ProfileError when there is no keyring
 */
export const askForPassword = async (io: Io, profile: string, username: string): Promise<string> => {
  await io.out.flush()
  const { default: inquirer } = await import('inquirer')
  let answers: { password: string; keep: boolean }
  try {
    answers = await inquirer.prompt([
      { type: 'password', name: 'password', message: `Password of ${username}:`, mask: false },
      { type: 'confirm', name: 'keep', message: "Keep it in the system's keyring?", default: true },
    ])
  } catch {
    throw new CommandExit(130, 'Nothing was added.\n')
  }
  if (answers.password === '') throw new CommandExit(1, 'An empty password; nothing was added.\n')
  if (!answers.keep) return answers.password
  const place = keyringPlaceOf(profile, 'sasl.password')
  await storeInKeyring(place, answers.password)
  return `keyring:${place}`
}
