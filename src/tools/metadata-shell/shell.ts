import { type Io, println } from '../../cli/io.ts'
import { effectivePath, findNodes, type MetadataNode } from './node.ts'

interface ShellCommand {
  about: string
  /** Only where commands are asked for. */
  shellOnly?: boolean
  /** Placeholder of its arguments in `man`. */
  words?: { name: string; help: string; many?: boolean }
  run(words: readonly string[]): void
}

/** How the names in a listing are spread over columns. */
export const columnLines = (names: readonly string[], width: number | undefined): string[] => {
  const most = width === undefined ? 1 : Math.max(1, Math.floor(width / 4))
  for (let columns = Math.min(most, names.length); columns > 1; columns--) {
    const perColumn = Math.ceil(names.length / columns)
    const parts = Array.from({ length: columns }, (_, i) => names.slice(i * perColumn, (i + 1) * perColumn))
    const widths = parts.map((part) => Math.max(0, ...part.map((name) => name.length + 2)))
    if (widths.at(-1) === 0 || widths.reduce((a, b) => a + b, 0) > (width ?? 0)) continue
    return Array.from({ length: perColumn }, (_, line) =>
      parts.map((part, i) => (i < columns - 1 ? (part[line] ?? '').padEnd(widths[i]!) : (part[line] ?? ''))).join(''),
    )
  }
  return [...names]
}

/** The commands of the metadata shell over one tree. */
export class MetadataShell {
  readonly #root: MetadataNode
  readonly #io: Io
  readonly #interactive: boolean
  readonly #history: string[] = []
  #workingDirectory = '/'
  ended = false

  constructor(root: MetadataNode, io: Io, interactive: boolean) {
    this.#root = root
    this.#io = io
    this.#interactive = interactive
  }

  readonly #commands: Readonly<Record<string, ShellCommand>> = {
    cat: {
      about: 'Show the contents of metadata files.',
      words: { name: 'targets', help: 'The metadata nodes to display.', many: true },
      run: (words) => this.#cat(words),
    },
    cd: {
      about: 'Set the current working directory.',
      shellOnly: true,
      words: { name: 'target', help: 'The directory to change to.' },
      run: (words) => this.#cd(words[0] ?? '/'),
    },
    exit: {
      about: 'Exit the metadata shell.',
      shellOnly: true,
      run: () => {
        this.ended = true
      },
    },
    find: {
      about: 'Search for nodes in the directory hierarchy.',
      words: { name: 'paths', help: 'The paths to start at.', many: true },
      run: (words) => this.#find(words),
    },
    help: { about: 'Display this help message.', shellOnly: true, run: () => this.#help() },
    history: {
      about: 'Print command history.',
      shellOnly: true,
      run: () => {
        for (const [i, line] of this.#history.entries()) println(this.#io.out, `${String(i).padStart(5)}  ${line}`)
      },
    },
    ls: {
      about: 'List metadata nodes.',
      words: { name: 'targets', help: 'The metadata node paths to list.', many: true },
      run: (words) => this.#ls(words),
    },
    man: {
      about: 'Show the help text for a specific command.',
      shellOnly: true,
      words: { name: 'cmd', help: 'The command to get help text for.' },
      run: (words) => this.#man(words[0]),
    },
    pwd: {
      about: 'Print the current working directory.',
      shellOnly: true,
      run: () => println(this.#io.out, this.#workingDirectory),
    },
    tree: {
      about: 'Show the contents of metadata nodes in a tree structure.',
      words: { name: 'targets', help: 'The metadata nodes to display.', many: true },
      run: (words) => this.#tree(words),
    },
  }

  get #names(): string[] {
    return Object.keys(this.#commands).filter((name) => this.#interactive || !this.#commands[name]!.shellOnly)
  }

  /** Runs one command; unknown ones are complained about. */
  run(words: readonly string[], line = words.join(' ')): void {
    const [name, ...rest] = words
    if (name === undefined) return
    this.#history.push(line)
    if (!this.#names.includes(name)) {
      const choices = this.#names.map((one) => `'${one}'`).join(', ')
      println(this.#io.out, `invalid choice: '${name}' (choose from ${choices})`)
    } else this.#commands[name]!.run(rest)
  }

  #nodes(words: readonly string[], missing: (target: string) => string) {
    return (words.length === 0 ? ['.'] : words).flatMap((target) => {
      const found = findNodes(this.#root, effectivePath(target, this.#workingDirectory))
      if (found.length === 0) println(this.#io.out, missing(target))
      return found.map((one) => ({ ...one, target }))
    })
  }

  #cat(words: readonly string[]): void {
    for (const { node, path } of this.#nodes(words, (target) => `cat: ${target}: No such file or directory.`)) {
      println(this.#io.out, node.children ? `cat: /${path.join('/')}: Is a directory` : (node.text ?? ''))
    }
  }

  #cd(target: string): void {
    const path = effectivePath(target, this.#workingDirectory)
    const [found] = findNodes(this.#root, path)
    if (found === undefined) println(this.#io.out, `cd: ${target}: no such file or directory.`)
    else if (!found.node.children) println(this.#io.out, `cd: ${target}: not a directory.`)
    else this.#workingDirectory = `/${found.path.join('/')}`
  }

  #find(words: readonly string[]): void {
    const walk = (path: string, node: MetadataNode): void => {
      println(this.#io.out, path)
      for (const [name, child] of node.children ?? []) walk(`${path === '/' ? '' : path}/${name}`, child)
    }
    for (const { node, path } of this.#nodes(words, (target) => `find: ${target}: no such file or directory.`)) {
      walk(`/${path.join('/')}`, node)
    }
  }

  #ls(words: readonly string[]): void {
    const found = this.#nodes(words, (target) => `ls: ${target}: no such file or directory.`)
    const width = this.#interactive ? this.#io.columns : undefined
    const print = (intro: string, names: readonly string[]): void => {
      if (names.length === 0) return
      if (intro !== '') println(this.#io.out, intro)
      for (const line of columnLines(names, width)) println(this.#io.out, line)
    }
    const last = (path: readonly string[]): string => path.at(-1) ?? '/'
    const files = found.filter(({ node }) => !node.children)
    const directories = found.filter(({ node }) => node.children)
    print(
      '',
      files.map(({ path }) => last(path)),
    )
    const named = files.length > 0 || directories.length > 1
    for (const [i, { node, path }] of directories.entries()) {
      const gap = i > 0 || files.length > 0 ? '\n' : ''
      print(named ? `${gap}${last(path)}:` : '', [...(node.children ?? new Map()).keys()] as string[])
    }
  }

  #tree(words: readonly string[]): void {
    const walk = (node: MetadataNode, indent: string): void => {
      if (!node.children) println(this.#io.out, indent + (node.text ?? ''))
      for (const [name, child] of node.children ?? []) {
        println(this.#io.out, `${indent}${name}:`)
        walk(child, `${indent}  `)
      }
    }
    for (const { node } of this.#nodes(words, (target) => `tree: ${target}: No such file or directory.`)) walk(node, '')
  }

  #help(): void {
    const names = `{${this.#names.join(',')}}`
    const rows = this.#names.map((name) => `    ${name.padEnd(21)}${this.#commands[name]!.about}`)
    println(
      this.#io.out,
      `Welcome to the Apache Kafka metadata shell.\n\nusage:  ${names} ...\n\npositional arguments:\n  ${names}\n${rows.join('\n')}`,
    )
  }

  #man(name: string | undefined): void {
    const command = name === undefined ? undefined : this.#commands[name]
    if (command === undefined) {
      println(this.#io.out, `man: unknown command ${name ?? ''}. Type help to list all commands.`)
      return
    }
    const { words } = command
    const usage = words === undefined ? '' : words.many ? ` [${words.name} [${words.name} ...]]` : ` [${words.name}]`
    const positional = words ? `\n\npositional arguments:\n  ${words.name.padEnd(23)}${words.help}` : ''
    println(this.#io.out, `${name}: ${command.about}\n\nusage: ${name}${usage}${positional}`)
  }
}
