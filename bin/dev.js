#!/usr/bin/env node
// Runs the sources: `npx tsx bin/dev.js topics --list`, or plain node, which then loads tsx itself.
const { pathToFileURL } = require('node:url')

const start = async () => {
  if (!process.execArgv.some((arg) => arg.includes('tsx'))) (await import('tsx/esm/api')).register()
  const { main } = await import('../src/cli/main.ts')
  await main(process.argv.slice(2), pathToFileURL(__filename).href)
}
start()
