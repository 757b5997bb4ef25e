import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { dist, root } from './paths.ts'

const REFERENCE = /((?:from|import\()\s*['"])(\.{1,2}\/[^'"]*)\.ts(['"])/g

/**
 * Writes declarations of one public module to dist/types, and of those modules whose types it shows. Throws when one of them
 * can't be declared; what is wrong elsewhere is the type check's business.
 */
export function writeDeclarations(entry: string): void {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      noCheck: true,
      rootDir: root,
      outDir: join(dist, 'types'),
    },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (problem) => fail([problem]) },
  )
  if (!config) throw new Error('tsconfig.json is missing')
  const program = ts.createProgram([join(root, entry)], config.options)
  rmSync(join(dist, 'types'), { recursive: true, force: true })
  const todo = [join(root, entry)]
  const done = new Set<string>()
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (done.has(path)) continue
    done.add(path)
    todo.push(...declare(program, path))
  }
}

/** Writes the declaration of one source; returns the sources it refers to. */
function declare(program: ts.Program, path: string): string[] {
  const source = program.getSourceFile(path)
  if (!source) throw new Error(`${relative(root, path)}: not part of the program`)
  const references: string[] = []
  const write = (target: string, text: string): void => {
    for (const [, , reference] of text.matchAll(REFERENCE)) references.push(join(dirname(path), `${reference}.ts`))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text.replaceAll(REFERENCE, '$1$2.js$3'))
  }
  const { diagnostics } = program.emit(source, write, undefined, true)
  if (diagnostics.length > 0) fail(diagnostics)
  return references
}

function fail(diagnostics: readonly ts.Diagnostic[]): never {
  const host = { getCanonicalFileName: (name: string) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' }
  throw new Error(ts.formatDiagnostics(diagnostics, host))
}
