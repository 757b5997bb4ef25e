import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/connect-distributed/command.ts'

export default oclifCommand(command)
