import { oclifCommand } from '../src/cli/oclif-command.ts'
import * as command from '../src/tools/console-share-consumer/command.ts'

export default oclifCommand(command)
