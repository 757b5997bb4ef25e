/**
 * Makes a fresh clone ready, then runs a task: `node scripts/fresh.mjs install|kt|demo|bench [arguments]`. Needs nothing but
 * Node: installs when node_modules is missing or older than package-lock.json, builds when dist is missing or older than
 * the sources. What npm and the build say goes to stderr, so that stdout is the task's alone.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

function run(command, args, stdio) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio, shell: command.endsWith('.cmd') })
  if (error) throw error
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1))
}

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function newestBelow(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, timeOf(join(entry.parentPath ?? entry.path, entry.name)))
  }
  return newest
}

function install() {
  if (timeOf(join(root, 'node_modules/.package-lock.json')) >= timeOf(join(root, 'package-lock.json'))) return
  console.error('kt: installing dependencies (npm ci)')
  run(npm, ['ci', '--no-audit', '--no-fund'], ['ignore', 2, 2])
}

function build() {
  const built = timeOf(join(root, 'dist/meta.json'))
  const sources = Math.max(
    timeOf(join(root, 'package.json')),
    ...['src', 'commands'].map((name) => newestBelow(join(root, name))),
  )
  if (built >= sources) return
  run(process.execPath, [tsx, join(root, 'scripts/build.ts')], ['ignore', 2, 2])
}

const [task, ...args] = process.argv.slice(2)
install()
if (task !== 'install') build()
if (task === 'kt') run(process.execPath, [join(root, 'bin/run.js'), ...args], 'inherit')
else if (task === 'demo') run(process.execPath, [tsx, join(root, 'scripts/demo.ts'), ...args], 'inherit')
else if (task === 'bench') run(process.execPath, [tsx, join(root, 'test/bench/run.ts'), ...args], 'inherit')
else if (task !== 'install') {
  console.error(`fresh: no task ${task}; there are install, kt, demo and bench`)
  process.exit(2)
}
