/**
 * Writes man/kt.1 and man/kt-<command>.1 from oclif.manifest.json (`npm run man`, after a build). The pages hold no date, so
 * that generating them again changes nothing; CI checks that.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandPage, type ManCommand, overviewPage } from './man-page.ts'
import { root } from './paths.ts'

function main(): void {
  const path = join(root, 'oclif.manifest.json')
  if (!existsSync(path)) throw new Error('oclif.manifest.json is missing: run npm run build first')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { commands: Record<string, ManCommand>; version: string }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const commands = Object.values(manifest.commands)
    .filter((command) => !command.hidden)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const pages = new Map([['kt.1', overviewPage(commands, version)]])
  for (const command of commands)
    pages.set(`kt-${command.id.replaceAll(':', '-')}.1`, commandPage(command, commands, version))
  const folder = join(root, 'man')
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name))
  for (const [name, text] of pages) writeFileSync(join(folder, name), text)
  console.error(`man: ${pages.size} pages`)
}

main()
