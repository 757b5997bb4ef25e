import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/metadata-shell/command.ts'

export default oclifCommand(command)
