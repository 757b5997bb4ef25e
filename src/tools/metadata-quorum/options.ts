import type { CommandSpec } from '../../cli/option-spec.ts'
import type { ArgparseProgram } from '../shared/argparse/model.ts'
import { connectionOptions, outputOption } from '../shared/argparse/options.ts'
import { optionSpecs } from '../shared/argparse/spec.ts'

const dryRun = { name: 'dry-run', help: 'Say what would be done, but do not do it.' }

export const program: ArgparseProgram = {
  name: 'kafka-metadata-quorum',
  description: 'This tool describes kraft metadata quorum status.',
  options: [
    ...connectionOptions(true),
    {
      name: 'command-config',
      metavar: 'COMMAND_CONFIG',
      help: 'Properties file with settings for the client; for add-controller, with those of the controller too.',
    },
  ],
  commands: [
    {
      name: 'describe',
      help: 'Show the state of the quorum.',
      options: [
        {
          name: 'status',
          section: 'Status',
          help: 'A summary: leader, epoch, high watermark, lag, voters, observers.',
        },
        { name: 'replication', section: 'Replication', help: 'How far each replica of the metadata log is.' },
        { name: 'human-readable', section: 'Replication', help: 'Times as how long ago they were.' },
        outputOption,
      ],
    },
    { name: 'add-controller', help: 'Make the controller of --command-config a voter.', options: [dryRun] },
    {
      name: 'remove-controller',
      help: 'Take a controller out of the voters.',
      options: [
        {
          name: 'controller-id',
          short: 'i',
          metavar: 'CONTROLLER_ID',
          type: 'int',
          required: true,
          help: 'The id of the controller.',
        },
        {
          name: 'controller-directory-id',
          short: 'd',
          metavar: 'CONTROLLER_DIRECTORY_ID',
          required: true,
          help: 'The id of its metadata directory.',
        },
        dryRun,
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
  options: optionSpecs(program),
  examples: [
    { description: 'Who leads', command: 'describe --status' },
    { description: 'How far every replica is', command: 'describe --replication --human-readable' },
    {
      description: 'Make a running controller a voter',
      command: '--bootstrap-controller c1:9093 --command-config controller.properties add-controller',
    },
  ],
}
