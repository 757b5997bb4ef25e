/**
 * Compares converters, transformations and predicates with Kafka's own over generated cases, and on request records some of them in
 * recorded.json for the tests. By hand, with a Kafka distribution:
 * `npx tsx test/connect/java/record.ts <kafka>/libs [cases of each family] [seed] [--record]`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { agree } from './agree.ts'
import { generateCases } from './cases.ts'
import { type Case, runCase } from './exchange.ts'

function runInJava(libs: string, cases: readonly Case[]): string[] {
  const classes = mkdtempSync(join(tmpdir(), 'kt-java-'))
  try {
    const source = fileURLToPath(new URL('ConnectData.java', import.meta.url))
    execFileSync('javac', ['-cp', `${libs}/*`, '-d', classes, source], { stdio: 'inherit' })
    const out = execFileSync('java', ['-cp', `${classes}:${libs}/*`, 'ConnectData'], {
      input: `${cases.map((each) => JSON.stringify(each)).join('\n')}\n`,
      maxBuffer: 1 << 30,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    return out
      .slice(0, -1)
      .split('\n')
      .map((line) => line.replace(/\\([\\nr])/g, (_, char: string) => ({ n: '\n', r: '\r' })[char] ?? char))
  } finally {
    rmSync(classes, { recursive: true })
  }
}

const readable = (outcome: string): string =>
  /^[A-Za-z0-9+/]{4,}={0,2}$/.test(outcome) ? `${outcome} (${Buffer.from(outcome, 'base64').toString()})` : outcome

const [libs = '', count = '30', seed = '1'] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const cases = generateCases(Number(count), Number(seed))
const expected = runInJava(libs, cases)
const differing = cases.flatMap((each, i) => {
  const ours = runCase(each)
  return agree(expected[i]!, ours) ? [] : [{ each, ours, java: expected[i]! }]
})
for (const { each, ours, java } of differing) {
  console.log(`${JSON.stringify(each)}\n  java: ${readable(java)}\n  ours: ${readable(ours)}`)
}
const failures = expected.filter((outcome) => outcome.startsWith('!')).length
console.log(`${failures} of the cases fail in Java, as they should`)
console.log(`${cases.length - differing.length} passed, ${differing.length} failed`)
if (process.argv.includes('--record')) {
  const recorded = cases.map((each, i) => JSON.stringify({ case: each, outcome: expected[i] }))
  writeFileSync(new URL('recorded.json', import.meta.url), `[\n${recorded.join(',\n')}\n]\n`)
}
process.exitCode = differing.length === 0 ? 0 : 1
