import { fileURLToPath } from 'node:url'
// Imported as a whole and at once: this file itself is what is loaded only when it is needed.
import { execute } from '@oclif/core'

/**
 * Shows oclif's help of one command.
 * @param root URL of the file the program was started as
 */
export const explainCommand = async (command: string, root: string): Promise<void> => {
  // Not the file itself: the nearest package.json only says what kind of modules are in its folder.
  await execute({ args: [command, '--help'], dir: fileURLToPath(new URL('..', root)) })
}
