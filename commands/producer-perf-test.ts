import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/producer-perf-test/command.ts'

export default oclifCommand(command)
