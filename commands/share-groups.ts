import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/share-groups/command.ts'

export default oclifCommand(command)
