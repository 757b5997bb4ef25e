import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourceFiles } from './build-file-urls.ts'
import { dist, root } from './paths.ts'

/** Writes declarations of one public module, and of what it needs, to dist/types. */
export function writeDeclarations(entry: string): void {
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--incremental', 'false']
  const base = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { compilerOptions: object }
  const config = join(dist, 'tsconfig.types.json')
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: {
        ...base.compilerOptions,
        rootDir: root,
        outDir: join(dist, 'types'),
        typeRoots: [join(root, 'node_modules/@types')],
      },
      files: [join(root, entry)],
    }),
  )
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config, ...options], {
    stdio: ['ignore', 2, 2],
  })
  rmSync(config)
  for (const path of sourceFiles(join(dist, 'types'))) {
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll(/((?:from|import\()\s*'\.{1,2}\/[^']*)\.ts'/g, "$1.js'"))
  }
}
