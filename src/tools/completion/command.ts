import type { CommandModule } from '../../cli/command-module.ts'
import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { parseOptions } from '../../cli/joptsimple.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { helpWidth, optionTable } from '../../cli/usage.ts'
import { REFRESH_WORD, type Shell, shells, spec, WORDS_WORD } from './options.ts'

export { spec }

const usageLine = `Usage: kt completion ${shells.join('|')}`

const installation = `To install it:
  bash  mkdir -p ~/.local/share/bash-completion/completions
        kt completion bash > ~/.local/share/bash-completion/completions/kt
        or, without the package bash-completion, in ~/.bashrc: eval "$(kt completion bash)"
  zsh   mkdir -p ~/.zfunc && kt completion zsh > ~/.zfunc/_kt
        and in ~/.zshrc: fpath+=~/.zfunc; autoload -Uz compinit && compinit
  fish  mkdir -p ~/.config/fish/completions
        kt completion fish > ~/.config/fish/completions/kt.fish
Then open a new shell.
`

const script = async (shell: Shell, commands: readonly CommandSpec[]): Promise<string> => {
  switch (shell) {
    case 'bash':
      return (await import('./bash.ts')).bashScript(commands)
    case 'zsh':
      return (await import('./zsh.ts')).zshScript(commands)
    case 'fish':
      return (await import('./fish.ts')).fishScript(commands)
  }
}

/**
 * `kt completion`. It is made from the descriptions of all commands, which only the caller can load.
 * @param loadSpecs the descriptions, in any order
 */
export const completionCommand = (loadSpecs: () => Promise<readonly CommandSpec[]>): CommandModule => ({
  spec,
  run: async (args: readonly string[], io: Io): Promise<number> => {
    // Not options: the scripts call them at the Tab key, people don't.
    if (args[0] === WORDS_WORD) return (await import('./live.ts')).printWords(args.slice(1), io)
    if (args[0] === REFRESH_WORD) return (await import('./live.ts')).refreshNames(args.slice(1), io)
    const options = parseOptions(spec, args)
    if (options.has('help')) {
      io.out.write(`${spec.summary}\n${usageLine}\n\n${optionTable(spec, helpWidth(io.columns))}\n${installation}`)
      return 0
    }
    const [name, ...more] = options.words
    const shell = shells.find((known) => known === name)
    if (shell === undefined || more.length > 0) {
      const complaint = name === undefined ? 'Which shell?' : `There is no completion for '${options.words.join(' ')}'.`
      throw new CommandExit(1, `${complaint}\n${usageLine}\n\n${installation}`)
    }
    const specs = [...(await loadSpecs())].sort((a, b) => (a.name < b.name ? -1 : 1))
    io.out.write(await script(shell, specs))
    return 0
  },
})
