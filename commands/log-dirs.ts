import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/log-dirs/command.ts'

export default oclifCommand(command)
