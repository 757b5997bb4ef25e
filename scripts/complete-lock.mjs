/**
 * Adds to package-lock.json the optional packages of other platforms. npm leaves them out when it writes the lock file of an
 * existing node_modules, and then `npm ci` refuses it. `node scripts/complete-lock.mjs` after changing dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))
const { packages } = lock

const SYSTEMS = { win32: 'win32', windows: 'win32', openharmony: 'openharmony' }
for (const name of ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'sunos']) SYSTEMS[name] = name
const PROCESSORS = { aarch64: 'arm64', wasm32: 'wasm32', x86: 'ia32' }
for (const name of ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'])
  PROCESSORS[name] = name

/** Platform limits as the package's name tells them. */
function platformOf(name) {
  const words = name.replace('ppc64le', 'ppc64').split(/[-/]/)
  const os = words.map((word) => SYSTEMS[word]).filter(Boolean)
  const cpu = words.map((word) => PROCESSORS[word]).filter(Boolean)
  if (os.length === 0 && cpu.length === 0) throw new Error(`${name}: the name tells no platform`)
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : []
  return { ...(os.length > 0 && { os }), ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }) }
}

/** Where Node would look for `name` from the package at `from`. */
function find(from, name) {
  for (let base = from; ; base = base.slice(0, Math.max(base.lastIndexOf('/node_modules/'), 0))) {
    const place = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`
    if (packages[place]) return place
    if (base === '') return undefined
  }
}

let added = 0
for (const [from, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const found = find(from, name)
    if (found && (packages[found].version === version || !/^\d/.test(version))) continue
    const place = found ? `${from}/node_modules/${name}` : `node_modules/${name}`
    if (!/^\d/.test(version)) continue
    packages[place] = { version, ...platformOf(name), ...(dev && { dev }), optional: true }
    added++
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.error(`${added} packages of other platforms added`)
