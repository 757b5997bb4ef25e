import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/undo/command.ts'

export default oclifCommand(command)
