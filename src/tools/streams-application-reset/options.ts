import {
  bootstrapOption,
  type CommandSpec,
  commandConfigOption,
  flag,
  helpOption,
  option,
  versionOption,
  yesOption,
} from '../../cli/option-spec.ts'
import { timeWords, toOption } from '../shared/time-options.ts'

const list = (name: string, description: string, more: { deprecated?: boolean } = {}) =>
  option(name, 'String', 'list', description, { separator: ',', ...more })

export const spec: CommandSpec = {
  name: 'streams-application-reset',
  script: 'kafka-streams-application-reset',
  summary: 'Let a Kafka Streams application start over.',
  description:
    'Moves the offsets of the input topics, to their start unless something else is said, and deletes the internal topics of the ' +
    'application. All instances have to be stopped, and their local state has to be removed by hand (KafkaStreams#cleanUp). ' +
    '--dry-run only shows what would be done.',
  options: [
    option('application-id', 'String', 'id', 'application.id of the application.', { required: true }),
    bootstrapOption('server to connect to'),
    list('input-topics', 'Input topics, with commas between: their offsets are moved.'),
    list('intermediate-topics', 'Topics that are both input and output: the application goes on at their end.', {
      deprecated: true,
    }),
    list('internal-topics', 'Internal topics to delete, if not all that are found.'),
    option('to-offset', 'Long', '', 'Offsets go to this one.'),
    option(
      'to-datetime',
      'String',
      '',
      "Offsets go to the first record at or after a time: 'YYYY-MM-DDThh:mm:ss.sss', or as for --to.",
    ),
    option('by-duration', 'String', '', "Offsets go to the first record so long ago: 'PnDTnHnMnS', or 1d, 2h30m."),
    { ...toOption, description: `Offsets go to ${timeWords}` },
    flag('to-earliest', 'Offsets go to the start of the log.'),
    flag('to-latest', 'Offsets go to the end of the log.'),
    option('from-file', 'String', '', 'Offsets go to those in a CSV file.', { completion: 'file' }),
    option(
      'shift-by',
      'Long',
      'number-of-offsets',
      'Offsets go on by so many records, or back with a negative number.',
    ),
    option('config-file', 'String', 'file name', 'As --command-config.', { deprecated: true, completion: 'file' }),
    commandConfigOption('file name'),
    flag('force', 'Remove members that are left in the group.'),
    flag('dry-run', 'Only show what would be done.'),
    yesOption,
    helpOption,
    versionOption,
  ],
  examples: [
    { description: 'What would be done', command: '--application-id wordcount --input-topics lines --dry-run' },
    { description: 'Do it', command: '--application-id wordcount --input-topics lines' },
  ],
}
