import { dirname, join, relative } from 'node:path'
import type { Metafile } from 'esbuild'
import { root } from './paths.ts'

type Inputs = Metafile['inputs']

const importsOf = (path: string, inputs: Inputs): string[] =>
  (inputs[path]?.imports ?? [])
    .filter(({ kind, external }) => kind === 'import-statement' && !external)
    .map((one) => one.path)

/** All that these sources load at once: their imports and what those import, without what is loaded later. */
function closure(seeds: readonly string[], inputs: Inputs): Set<string> {
  const found = new Set<string>()
  const visit = (path: string): void => {
    if (found.has(path)) return
    found.add(path)
    for (const next of importsOf(path, inputs)) visit(next)
  }
  for (const seed of seeds) visit(seed)
  return found
}

/** Sources that something imports dynamically. */
const loadedLater = (inputs: Inputs): Set<string> =>
  new Set(
    Object.values(inputs).flatMap(({ imports }) =>
      imports.filter(({ kind, external }) => kind === 'dynamic-import' && !external).map(({ path }) => path),
    ),
  )

/**
 * esbuild puts sources into one chunk that are reached by the same entries, and every `import()` makes an entry: with dozens of commands, what a
 * command loads comes in some fifty small files. Finding and opening those takes a third of its time. So everything that starts a command or is
 * loaded later is made to import all of the common sources: reached by the same entries, they end up in one file.
 *
 * @param entries files the bundle starts from
 * @param seeds sources that with their imports are the common ones
 * @returns what to append to which source
 */
export function importsOfCommon(
  entries: readonly string[],
  seeds: readonly string[],
  { inputs }: Metafile,
): Map<string, string> {
  const common = closure(seeds, inputs)
  for (const seed of seeds) if (!inputs[seed]) throw new Error(`${seed} is no part of the bundle`)
  const starts = new Set([...entries.map((path) => relative(root, path)), ...loadedLater(inputs)])
  // What others of them import can't import these in turn.
  const imported = new Set([...common].flatMap((path) => importsOf(path, inputs)))
  const appended = new Map<string, string>()
  for (const start of starts) {
    if (imported.has(start) || !start.endsWith('.ts') || start.startsWith('node_modules')) continue
    const others = [...common].filter((path) => path !== start)
    const imports = others.map((path) => {
      const to = relative(dirname(join(root, start)), join(root, path))
      return `import '${to.startsWith('.') ? to : `./${to}`}'`
    })
    appended.set(join(root, start), `\n${imports.join('\n')}\n`)
  }
  return appended
}
