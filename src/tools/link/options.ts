import { type CommandSpec, flag, helpOption } from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'link',
  script: 'kt-link',
  summary: 'Write kafka-*.sh that call kt, for old scripts.',
  description:
    'Writes kafka-topics.sh and all the other scripts that kt mirrors into a directory, which is made when it is not there. With that ' +
    'directory first in PATH, programs and shell scripts made for Apache Kafka run kt without a change. Files that kt link did not ' +
    'write stay as they are, unless --force is given.',
  words: 'directory',
  options: [flag('force', 'Replace files of these names that kt link did not write.', { own: true }), helpOption],
  examples: [
    { description: 'All scripts into a directory', command: '~/kafka-bin' },
    { description: 'Over the scripts of Apache Kafka', command: '/opt/kafka/bin --force' },
  ],
}
