/**
 * A tour of kt on an embedded broker of its own: a topic, a text file through it, a consumer group and its lag, a changed config.
 * Each command is printed as one would type it, with what it says; the tour stops with an error at the first surprise.
 * Everything made here is removed again.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './paths.ts'

const TEXT_FILE = 'LICENSE'
const FIRST = 20
const COMMAND_LIMIT_MS = 60_000
const MAX_LINES_SHOWN = 12

const dataDir = mkdtempSync(join(tmpdir(), 'kt-demo-'))
const { KT_BOOTSTRAP_SERVER: _ignored, ...environment } = process.env
const env = { ...environment, KT_DATA_DIR: dataDir }

const bold = (text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[0m` : text
const say = (text: string): void => console.log(`\n# ${text}`)

/** Runs `kt <line>` with a file as its input, prints both sides, and returns standard output. */
function kt(line: string, input?: string): string {
  console.log(bold(`$ kt ${line}${input ? ` < ${input}` : ''}`))
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [join(root, 'bin/run.js'), ...line.split(' ')],
    {
      cwd: root,
      env,
      input: input ? readFileSync(join(root, input)) : '',
      encoding: 'utf8',
      timeout: COMMAND_LIMIT_MS,
    },
  )
  const shown = stdout.trimEnd().split('\n')
  if (stdout !== '') console.log(shown.slice(0, MAX_LINES_SHOWN).join('\n'))
  if (shown.length > MAX_LINES_SHOWN) console.log(`… and ${shown.length - MAX_LINES_SHOWN} more lines`)
  if (stderr) console.log(stderr.trimEnd())
  if (error) throw error
  if (status !== 0) throw new Error(`kt ${line}: exit status ${status}`)
  return stdout
}

function expectThat(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not as expected: ${what}`)
}

/** The LAG column of `consumer-groups --describe`, summed up over the partitions. */
function totalLag(table: string): number {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/))
  const header = rows.find((row) => row.includes('LAG'))
  expectThat(header !== undefined, 'a LAG column')
  const column = header?.indexOf('LAG') ?? -1
  const lags = rows.filter((row) => row[0] === 'readers').map((row) => Number(row[column]))
  return lags.filter(Number.isFinite).reduce((sum, lag) => sum + lag, 0)
}

function tour(): void {
  const lines = readFileSync(join(root, TEXT_FILE), 'utf8').trimEnd().split('\n')

  say('No server runs. The first command starts one in the background, just for this data directory.')
  expectThat(
    kt('topics --create --topic hello --partitions 4').includes('Created topic hello.'),
    'the topic is created',
  )
  expectThat(/PartitionCount:\s*4/.test(kt('topics --describe --topic hello')), 'it has 4 partitions')

  say(`Each line of ${TEXT_FILE} becomes a record.`)
  kt('console-producer --topic hello', TEXT_FILE)
  const ends = kt('get-offsets --topic hello')
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split(':').at(-1)))
  expectThat(
    ends.length === 4 && ends.reduce((sum, end) => sum + end, 0) === lines.length,
    `${lines.length} records in 4 partitions`,
  )

  say(`A consumer group reads the first ${FIRST} records, which leaves it behind.`)
  const first = kt(`console-consumer --topic hello --group readers --from-beginning --max-messages ${FIRST}`)
  const before = totalLag(kt('consumer-groups --describe --group readers'))
  expectThat(before === lines.length - FIRST, `a lag of ${lines.length - FIRST}, but it is ${before}`)

  say('It goes on where it stopped, and has caught up.')
  const second = kt(`console-consumer --topic hello --group readers --max-messages ${lines.length - FIRST}`)
  const read = (first + second).split('\n').slice(0, -1)
  expectThat([...read].sort().join('\n') === [...lines].sort().join('\n'), 'the records read are the lines of the file')
  const after = totalLag(kt('consumer-groups --describe --group readers'))
  expectThat(after === 0, `no lag, but it is ${after}`)

  say('Records shall be kept for an hour only.')
  kt('configs --alter --entity-type topics --entity-name hello --add-config retention.ms=3600000')
  const configs = kt('configs --describe --entity-type topics --entity-name hello')
  expectThat(configs.includes('retention.ms=3600000'), 'retention.ms is 3600000')

  say('Cleaning up.')
  kt('topics --delete --topic hello')
  expectThat(!kt('topics --list').split('\n').includes('hello'), 'the topic is gone')
}

function stopBroker(): void {
  kt('broker stop')
}

let failure: unknown
try {
  tour()
} catch (error) {
  failure = error
}
try {
  stopBroker()
} catch (error) {
  failure ??= error
}
rmSync(dataDir, { recursive: true, force: true })
if (failure !== undefined) {
  console.error(`\ndemo: ${failure instanceof Error ? failure.message : String(failure)}`)
  process.exitCode = 1
} else console.log('\ndemo: everything was as expected')
