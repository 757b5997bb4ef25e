import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/connect-standalone/command.ts'

export default oclifCommand(command)
