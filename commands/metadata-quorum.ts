import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/metadata-quorum/command.ts'

export default oclifCommand(command)
