import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const MAX_FILE_LINES = 500
const MAX_FUNCTION_LINES = 70
const MAX_README_LINES = 70

function filesBelow(folder: string): string[] {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('src/protocol/generated/') && !file.includes('node_modules'))
}

const code = ['src', 'commands', 'scripts', 'test', 'bin']
  .flatMap(filesBelow)
  .filter((file) => /\.(ts|mjs|js|cjs)$/.test(file))
const prose = [
  'README.md',
  'CHANGELOG.md',
  ...filesBelow('src').filter((file) => file.endsWith('.md')),
  ...filesBelow('man'),
]
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const linesOf = (file: string): string[] => textOf(file).trimEnd().split('\n')

/** Lines of `files` that match, as `file:line: text`. This file, which names what it forbids, is left out. */
function matches(files: string[], pattern: RegExp): string[] {
  return files
    .filter((file) => file !== 'test/tidy.test.ts')
    .flatMap((file) => linesOf(file).map((line, index) => ({ at: `${file}:${index + 1}: ${line.trim()}`, line })))
    .filter(({ line }) => pattern.test(line))
    .map(({ at }) => at)
}

/** Functions longer than the limit; a test's `describe` body is no function in that sense. */
function longFunctions(file: string): string[] {
  const source = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true)
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body && !isDescribeBody(node)) {
      const lines = lineOf(node.getEnd()) - lineOf(node.getStart(source)) + 1
      if (lines > MAX_FUNCTION_LINES) found.push(`${file}:${lineOf(node.getStart(source)) + 1}: ${lines} lines`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isDescribeBody(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText())
}

describe('the code', () => {
  it(`has no file of more than ${MAX_FILE_LINES} lines`, () => {
    expect(
      code.map((file) => [file, linesOf(file).length]).filter(([, lines]) => (lines as number) > MAX_FILE_LINES),
    ).toEqual([])
  })

  it(`has no function of more than ${MAX_FUNCTION_LINES} lines`, () => {
    expect(code.filter((file) => file.endsWith('.ts')).flatMap(longFunctions)).toEqual([])
  })

  it('has kebab-case file names', () => {
    expect(
      code.filter(
        (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|suite|config|d))?\.(ts|mjs|js|cjs)$/.test(basename(file)),
      ),
    ).toEqual([])
  })

  it('has no open ends, no debug output, no test left out', () => {
    expect(matches(code, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([])
    expect(
      matches(
        code.filter((file) => !/^(scripts|test)\//.test(file)),
        /\bconsole\.(log|debug|info|trace)\(/,
      ),
    ).toEqual([])
    expect(matches(code, /\b(it|test|describe)\.(only|skip|todo)\b|\.skipIf\(/)).toEqual([])
    expect(matches(code, /@ts-(ignore|nocheck)|eslint-disable/)).toEqual([])
  })

  it('names no place outside the repository', () => {
    const elsewhere = /\/(work|root|Users)\/|\/home\/[a-z]|\.cache\/kafka|registry\.npm|npmmirror|artifactory/i
    expect(matches([...code, ...prose, 'package.json', '.ci/run'], elsewhere)).toEqual([])
  })

  it('locks dependencies without saying where they came from', () => {
    expect(matches(['package-lock.json'], /"resolved":/)).toEqual([])
  })
})

describe('the documents', () => {
  it('has a README for the project and for each folder of src', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const wanted = folders
      .filter(({ name }) => filesBelow(`src/${name}`).length > 0)
      .map(({ name }) => `src/${name}/README.md`)
    expect(['README.md', 'CHANGELOG.md', 'LICENSE', ...wanted].filter((file) => !existsSync(join(root, file)))).toEqual(
      [],
    )
    expect(wanted.filter((file) => existsSync(join(root, file)) && linesOf(file).length > MAX_README_LINES)).toEqual([])
  })

  it('describes the version in package.json', () => {
    const { version } = JSON.parse(textOf('package.json')) as { version: string }
    expect(textOf('CHANGELOG.md')).toContain(`## ${version}`)
  })
})
