import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/streams-application-reset/command.ts'

export default oclifCommand(command)
