import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/verifiable-producer/command.ts'

export default oclifCommand(command)
