import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/doctor/command.ts'

export default oclifCommand(command)
