import { type ArgparseArgument, type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import {
  commandConfigArgument,
  connectionArguments,
  connectionGroup,
  outputArgument,
} from '../shared/argparse-command.ts'

const dryRun: ArgparseArgument = { name: 'dry-run', action: 'flag', help: 'Say what would be done, but do not do it.' }

export const parser: ArgparseParser = {
  name: 'kafka-metadata-quorum',
  description: 'This tool describes kraft metadata quorum status.',
  helpCode: 0,
  arguments: [
    helpArgument,
    ...connectionArguments(),
    {
      ...commandConfigArgument,
      help: 'Properties file with settings for the client; for add-controller, with those of the controller too.',
    },
  ],
  groups: [connectionGroup('required')],
  commands: [
    {
      name: 'describe',
      help: 'Show the state of the quorum.',
      arguments: [
        helpArgument,
        {
          name: 'status',
          action: 'flag',
          group: 'Status',
          help: 'A summary: leader, epoch, high watermark, lag, voters, observers.',
        },
        {
          name: 'replication',
          action: 'flag',
          group: 'Replication',
          help: 'How far each replica of the metadata log is.',
        },
        { name: 'human-readable', action: 'flag', group: 'Replication', help: 'Times as how long ago they were.' },
        outputArgument,
      ],
      groups: [{ title: 'Status' }, { title: 'Replication' }],
    },
    {
      name: 'add-controller',
      help: 'Make the controller of --command-config a voter.',
      arguments: [helpArgument, dryRun, outputArgument],
    },
    {
      name: 'remove-controller',
      help: 'Take a controller out of the voters.',
      arguments: [
        helpArgument,
        {
          name: 'controller-id',
          short: 'i',
          type: 'Integer',
          required: true,
          help: 'The id of the controller.',
        },
        {
          name: 'controller-directory-id',
          short: 'd',
          required: true,
          help: 'The id of its metadata directory.',
        },
        dryRun,
        outputArgument,
      ],
    },
  ],
}

export const spec: CommandSpec = {
  name: 'metadata-quorum',
  script: 'kafka-metadata-quorum',
  summary: 'Show the quorum; add and remove controllers.',
  description:
    'Options of the connection come before the sub-command: describe, add-controller or remove-controller. The quorum may be asked ' +
    'through any broker, or through a controller with --bootstrap-controller.',
  words: ['describe', 'add-controller', 'remove-controller'],
  options: optionsOf(parser),
  examples: [
    { description: 'Who leads', command: 'describe --status' },
    { description: 'How far every replica is', command: 'describe --replication --human-readable' },
    {
      description: 'Make a running controller a voter',
      command: '--bootstrap-controller c1:9093 --command-config controller.properties add-controller',
    },
  ],
}
