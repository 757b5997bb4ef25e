import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/consumer-perf-test/command.ts'

export default oclifCommand(command)
