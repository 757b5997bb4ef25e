import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/profile/command.ts'

export default oclifCommand(command)
