// Imported as a whole and at once: this file itself is what is loaded only when it is needed.
import { execute } from '@oclif/core'

/**
 * Shows oclif's help of one command.
 * @param root URL of the file the program was started as
 */
export const explainCommand = async (command: string, root: string): Promise<void> => {
  await execute({ args: [command, '--help'], dir: root })
}
