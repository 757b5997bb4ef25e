import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import type { Plugin } from 'esbuild'
import { dist, root } from './paths.ts'

/**
 * Sources find other files with `new URL('./x-worker.ts', import.meta.url)`. In a bundle import.meta.url is that of whatever
 * chunk the code ended up in, so each such literal is first replaced by a mark that names the file from the package's root,
 * and, once it is known where the code stands, by the path from there.
 */
const FILE_URL = /new URL\(\s*(['"])(\.{1,2}\/[^'"]*)\1\s*,\s*import\.meta\.url\s*\)/g
const MARK = 'kt-package-file:'

/** All files below a folder, in a fixed order. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** All .ts files below a folder. */
export const sourceFiles = (folder: string): string[] => filesBelow(folder).filter((path) => path.endsWith('.ts'))

/**
 * Replaces file URLs in sources by marks; a URL of a .ts file that is no entry of the build is an error.
 * @param appended text to add to sources, by path
 */
export function fileUrls(entries: Record<string, string>, appended: ReadonlyMap<string, string>): Plugin {
  const bundles = new Map(Object.entries(entries).map(([target, source]) => [source, `dist/${target}.js`]))
  return {
    name: 'file-urls',
    setup(build) {
      build.onLoad({ filter: /\/(src|commands)\/.*\.ts$/ }, ({ path }) => {
        const more = appended.get(path) ?? ''
        const text = readFileSync(path, 'utf8') + more
        if (more === '' && !text.includes('import.meta.url')) return undefined
        const contents = text.replaceAll(FILE_URL, (_all, _quote, reference: string) => {
          const file = join(dirname(path), reference)
          const target = file.endsWith('.ts') ? bundles.get(file) : relative(root, file).split(sep).join('/')
          if (target === undefined)
            throw new Error(`${path}: ${reference} is not an entry of the build (see scripts/build.ts)`)
          return `new URL('${MARK}${target}', import.meta.url)`
        })
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** Imports of entries of another bundle stay imports of it. */
export function importsOf(entries: Record<string, string>): Plugin {
  const bundles = new Map(Object.entries(entries).map(([target, source]) => [source, `${MARK}dist/${target}.js`]))
  return {
    name: 'imports-of-other-bundles',
    setup(build) {
      build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => {
        const bundle = bundles.get(join(resolveDir, path))
        return bundle === undefined ? undefined : { path: bundle, external: true }
      })
    },
  }
}

/** Turns the marks in one output file into paths relative to it. */
export function placeFileUrls(text: string, outputPath: string): string {
  if (!text.includes(MARK)) return text
  const up = relative(dirname(outputPath), dirname(dist)).split(sep).join('/')
  return text.replaceAll(MARK, `${up}/`)
}
