import { type CommandSpec, flag } from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'connect-distributed',
  script: 'connect-distributed',
  summary: 'Not there yet: distributed Connect workers.',
  description:
    'kt has no distributed workers yet: this command only explains that, and ends with exit code 1. `kt connect-standalone` runs connectors in one ' +
    'worker, with the same REST API.',
  words: 'file',
  options: [flag('help', 'Print the usage.')],
  examples: [{ description: 'What there is instead', command: '--help' }],
  exits: [{ code: 1, when: 'Always.' }],
}
