import { type CommandSpec, helpOption, outputOption } from '../../cli/option-spec.ts'

export const spec: CommandSpec = {
  name: 'schema',
  script: 'kt-schema',
  summary: 'JSON schemas of what --output json prints.',
  description:
    'Without a name it lists the schemas; with one it prints that one, as JSON Schema draft 2020-12. The schema `error` is that of ' +
    'the document on standard error when a command fails under --output json|yaml, and `messages` that of actions that have no ' +
    'schema of their own.',
  options: [outputOption, helpOption],
  examples: [
    { description: 'All schemas', command: '' },
    { description: 'What `kt topics --describe --output json` prints', command: 'topics-describe' },
    { description: 'What a failed command prints', command: 'error' },
  ],
}
