import {
  bootstrapOption,
  type CommandSpec,
  commandConfigOption,
  flag,
  helpOption,
  outputOption,
  yesOption,
} from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'undo',
  script: 'kt-undo',
  summary: 'Put back offsets, configs and quotas as they were.',
  description:
    'Before kt moves or deletes offsets of a group or a share group, deletes a group, or changes configs or quotas, it writes what they are into an undo file in undo ' +
    'in KT_STATE_DIR, else in kt in XDG_STATE_HOME or ~/.local/state. `kt undo` puts back what the newest file says, `kt undo FILE` what that one says. It refuses when something has ' +
    'changed since. It can be undone itself; one that did not come to its end is gone on with. The last hundred files are kept, for a month. The cluster is the one of the ' +
    'change: its profile, else its address; --profile or --bootstrap-server name another way to it.',
  words: 'file',
  options: [
    flag('list', 'List the undo files, newest first.', { own: true }),
    flag('dry-run', 'Only show what would be put back.', { own: true }),
    flag('force', 'Put it back although something has changed since.', { own: true }),
    bootstrapOption('server to connect to', { own: true }),
    commandConfigOption(),
    yesOption,
    outputOption,
    helpOption,
  ],
  examples: [
    { description: 'What was changed lately?', command: '--list' },
    { description: 'Put back what the last change took away', command: '' },
    { description: 'Only look', command: '--dry-run' },
  ],
}
