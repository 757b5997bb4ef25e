import { execute } from '@oclif/core'

/** Hands over to oclif: help, `--version`, unknown commands. */
export const runOclif = async (args: string[], root: string): Promise<void> => {
  await execute({ args, dir: root })
}
