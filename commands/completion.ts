import { loadSpecs } from '../src/cli/commands.ts'
import { oclifCommand } from '../src/cli/oclif-command.ts'
import { completionCommand } from '../src/tools/completion/command.ts'

export default oclifCommand(completionCommand(loadSpecs))
