import { loadSpecs } from '../src/cli/commands.ts'
import { oclifCommand } from '../src/cli/oclif-command.ts'
import { linkCommand } from '../src/tools/link/command.ts'

export default oclifCommand(linkCommand(loadSpecs))
