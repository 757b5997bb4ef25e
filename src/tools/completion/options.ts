import { type CommandSpec, helpOption } from '../../cli/option-spec.ts'

/** The shells there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

/** `kt completion --words KIND …`: what a word may become. */
export const WORDS_WORD = '--words'

/** `kt completion --refresh-names …`: asks a cluster for names, in the background. */
export const REFRESH_WORD = '--refresh-names'

export const spec: CommandSpec = {
  name: 'completion',
  script: 'kt-completion',
  summary: 'Print a script for the Tab key: bash, zsh or fish.',
  description:
    'Completes commands, their options, and their values: those there are only so many of, configs, profiles, and names of topics, groups, brokers ' +
    'and other things of the cluster that the command would use, or of the embedded broker if it runs; none is started. Names are kept in files ' +
    '(KT_CACHE_DIR) and asked for again in the background once they are five seconds old; the Tab key never waits longer than a moment, ' +
    'and prints no errors.\n\nThe script is the same every time; make it again after an update of kt.',
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
