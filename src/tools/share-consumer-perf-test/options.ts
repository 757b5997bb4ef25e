import { type CommandSpec, flag, option } from '../../cli/option-spec.ts'
import { commonOptions } from '../consumer-perf-test/options.ts'

export const spec: CommandSpec = {
  name: 'share-consumer-perf-test',
  script: 'kafka-share-consumer-perf-test',
  summary: 'Measure how fast a share group consumes.',
  heading: 'This tool is used to verify the share consumer performance.',
  description: 'Reads with one or more share consumers and prints one line of figures.',
  options: [
    ...commonOptions,
    option('group', 'String', 'gid', 'Share group to read in.', { defaultValue: 'perf-share-consumer' }),
    option('fetch-size', 'Integer', 'size', 'The most to fetch at a time, in bytes.', { defaultValue: 1024 * 1024 }),
    option('threads', 'Integer', 'count', 'How many share consumers read.', { defaultValue: 1 }),
    flag('show-consumer-stats', 'Print a line for each share consumer too.'),
  ],
  examples: [
    { description: 'A million records with two consumers', command: '--topic perf --num-records 1000000 --threads 2' },
  ],
}
