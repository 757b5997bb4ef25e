import { type CommandSpec, helpOption } from '../../cli/option-spec.ts'

/** The shells there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

export const spec: CommandSpec = {
  name: 'completion',
  script: 'kt-completion',
  summary: 'Print a script for the Tab key: bash, zsh or fish.',
  description:
    'Completes commands, their options, and values where there are only so many. The script is the same every time and asks no cluster.',
  words: shells,
  options: [helpOption],
  examples: [
    {
      description: 'Bash: for this shell; for all, put it into ~/.bashrc',
      command: 'bash > ~/.kt.bash && . ~/.kt.bash',
    },
    {
      description: 'Zsh: a file _kt in a folder of $fpath; then start a new shell',
      command: "zsh > '/a/folder/of/fpath/_kt'",
    },
    { description: 'Fish: found by itself', command: 'fish > ~/.config/fish/completions/kt.fish' },
  ],
}
