import { type Io, println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { usageExit } from '../../cli/usage.ts'
import { type AclBinding, ANY_ENTRY } from '../../client/acl-types.ts'
import type { Admin, Result } from '../../client/types.ts'
import { readLine } from '../shared/ask.ts'
import { ExecutionError, execute } from '../shared/execution.ts'
import { aclsOfResources, patternTypeOf } from './arguments.ts'
import { spec } from './options.ts'
import { bindingText, entryText, patternText } from './text.ts'

const throwFirst = (results: readonly Result<unknown>[]): void => {
  const failed = results.find(({ ok }) => !ok)
  if (failed?.ok === false) throw new ExecutionError(failed.error)
}

/** `--add` */
export const addAcls = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const patternType = patternTypeOf(options)
  if (patternType !== 'LITERAL' && patternType !== 'PREFIXED') {
    usageExit(spec, `A '--resource-pattern-type' value of '${patternType}' is not valid when adding acls.`)
  }
  const wanted = aclsOfResources(options)
  if (wanted.some(({ entries }) => entries.length === 0)) {
    usageExit(spec, 'You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.')
  }
  for (const { pattern, entries } of wanted) {
    const existing = new Set((await execute(admin.describeAcls({ pattern, entry: ANY_ENTRY }))).map(bindingText))
    const added: AclBinding[] = []
    for (const entry of entries) {
      const binding = { pattern, entry }
      const text = bindingText(binding)
      if (existing.has(text)) println(io.out, `Acl ${text} already exists.`)
      else added.push(binding)
    }
    if (added.length === 0) continue
    const lines = added.map(({ entry }) => `\t${entryText(entry)}`).join('\n')
    println(io.out, `Adding ACLs for resource \`${patternText(pattern)}\`: \n ${lines}\n`)
    throwFirst(await execute(admin.createAcls(added)))
  }
}

const confirm = async (options: OptionSet, io: Io, question: string): Promise<boolean> => {
  if (options.has('force')) return true
  println(io.out, question)
  if (!io.isTTY || !io.stdinIsTTY || io.document !== undefined) {
    throw new Error(
      'Cannot invoke "java.io.Console.readLine()" because the return value of "java.lang.System.console()" is null',
      { cause: new Error('There is no terminal to answer at; --force removes without asking.') },
    )
  }
  await io.out.flush()
  return (await readLine(io)).toLowerCase() === 'y'
}

/** `--remove` */
export const removeAcls = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  for (const { pattern, entries } of aclsOfResources(options)) {
    const lines = entries.map((entry) => `\t${entryText(entry)}`).join('\n')
    const from = `resource filter \`${patternText(pattern)}\`? (y/n)`
    const question =
      entries.length === 0
        ? `Are you sure you want to delete all ACLs for ${from}`
        : `Are you sure you want to remove ACLs: \n ${lines}\n from ${from}`
    if (!(await confirm(options, io, question))) continue
    const filters = (entries.length === 0 ? [ANY_ENTRY] : entries).map((entry) => ({ pattern, entry }))
    throwFirst(await execute(admin.deleteAcls(filters)))
  }
}
