#!/usr/bin/env node
const { pathToFileURL } = require('node:url')
const { main } = require('../dist/cli/main.js')

main(process.argv.slice(2), pathToFileURL(__filename).href)
