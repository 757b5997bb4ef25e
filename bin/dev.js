#!/usr/bin/env node
// Runs the sources: `npx tsx bin/dev.js topics --list`, or plain node, which then loads tsx itself.
const entry = '../src/cli/main.ts'
if (!process.execArgv.some((arg) => arg.includes('tsx'))) (await import('tsx/esm/api')).register()
const { main } = await import(entry)
await main(process.argv.slice(2), import.meta.url)
