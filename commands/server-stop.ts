import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/server/stop-command.ts'

export default oclifCommand(command)
