import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/lag/command.ts'

export default oclifCommand(command)
