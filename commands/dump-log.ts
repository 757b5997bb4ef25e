import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/dump-log/command.ts'

export default oclifCommand(command)
