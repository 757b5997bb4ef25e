import { CommandExit, NotYetSupportedError } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { spec } from './options.ts'

export { spec }

/** `connect-distributed.sh` as far as it goes: the usage, and what there is instead. */
export const run = async (args: readonly string[], _io: Io): Promise<number> => {
  if (args.length === 0 || args.includes('--help')) {
    const note = 'kt has no distributed workers yet; kt connect-standalone runs connectors in one worker.'
    throw new CommandExit(1, `Usage: ConnectDistributed worker.properties\n${note}\n`)
  }
  throw Object.assign(new NotYetSupportedError('kt has no distributed Connect workers yet.'), {
    nextStep:
      'Run connectors in one worker with `kt connect-standalone worker.properties connector.properties`; its REST API is the same. ' +
      'It needs offset.storage.file.filename where distributed workers have topics.',
  })
}
