import { type ArgparseParser, helpArgument, optionsOf } from '../../cli/argparse.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'

export const parser: ArgparseParser = {
  name: 'kafka-metadata-shell',
  description: 'The Apache Kafka metadata shell',
  arguments: [
    helpArgument,
    {
      name: 'snapshot',
      short: 's',
      completion: 'file',
      required: true,
      help: 'The file to read: a .checkpoint or .log of __cluster_metadata-0.',
    },
  ],
  words: { name: 'command', help: 'The command to run.' },
}

export const spec: CommandSpec = {
  name: 'metadata-shell',
  script: 'kafka-metadata-shell',
  summary: 'Walk through the metadata of a cluster.',
  description:
    'Reads a file of the metadata log. With a command (ls, cat, find or tree) it does that and ends; else it asks for commands, ' +
    'of which `help` shows the list.',
  words: ['ls', 'cat', 'find', 'tree'],
  options: optionsOf(parser),
  examples: [
    { description: 'The topics', command: '--snapshot 00000000000000000000.log ls /image/topics/byName' },
    {
      description: 'All about a topic',
      command: '--snapshot 00000000000000000000.log tree /image/topics/byName/orders',
    },
  ],
}
