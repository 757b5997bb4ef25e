import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/client-metrics/command.ts'

export default oclifCommand(command)
