import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/e2e-latency/command.ts'

export default oclifCommand(command)
