import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/schema/command.ts'

export default oclifCommand(command)
