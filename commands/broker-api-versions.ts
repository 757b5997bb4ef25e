import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/broker-api-versions/command.ts'

export default oclifCommand(command)
