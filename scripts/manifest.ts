import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Plugin } from '@oclif/core'
import { root } from './paths.ts'

/** Writes oclif.manifest.json from dist/commands, so that starting a command reads one file instead of loading them all. */
export async function writeManifest(): Promise<void> {
  const path = join(root, 'oclif.manifest.json')
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  if (plugin.commandIDs.length === 0) throw new Error('oclif found no command in dist/commands')
  writeFileSync(path, `${JSON.stringify(plugin.manifest, null, 1)}\n`)
  const { commands } = JSON.parse(readFileSync(path, 'utf8')) as { commands: object }
  console.error(`build: oclif.manifest.json with ${Object.keys(commands).length} commands`)
}
