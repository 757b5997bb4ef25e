import { type Io, println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { type AclBinding, type AclEntry, type AclPattern, ANY_ENTRY } from '../../client/acl-types.ts'
import type { Admin } from '../../client/types.ts'
import { execute } from '../shared/execution.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { principalsOf, resourceFilters } from './arguments.ts'
import { bindingText, entryText, patternText } from './text.ts'

const anything: AclPattern = { resourceType: 'ANY', name: null, patternType: 'ANY' }

const printByResource = (bindings: readonly AclBinding[], io: Io): void => {
  const byResource = new Map<string, AclEntry[]>()
  for (const { pattern, entry } of bindings) {
    const key = patternText(pattern)
    byResource.set(key, [...(byResource.get(key) ?? []), entry])
  }
  for (const [resource, entries] of byResource) {
    const lines = entries.map((entry) => `\t${entryText(entry)}`).join('\n')
    println(io.out, `Current ACLs for resource \`${resource}\`:\n${lines}\n`)
  }
}

/** `--list` */
export const listAcls = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const resources = resourceFilters(options)
  const principals = principalsOf(options, 'principal')
  const found = new Map<string, AclBinding>()
  for (const pattern of resources.length > 0 ? resources : [anything]) {
    const bindings = await execute(admin.describeAcls({ pattern, entry: ANY_ENTRY }))
    for (const binding of bindings) found.set(bindingText(binding), binding)
  }
  const all = [...found.values()]
  const of = (principal: string): AclBinding[] => all.filter(({ entry }) => entry.principal === principal)
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const wanted = principals.length === 0 ? all : principals.flatMap(of)
    const rows = wanted.map(({ pattern, entry }) => ({
      resourceType: pattern.resourceType,
      resourceName: pattern.name,
      patternType: pattern.patternType,
      principal: entry.principal,
      host: entry.host,
      operation: entry.operation,
      permissionType: entry.permissionType,
    }))
    const columns = ['resourceType', 'resourceName', 'patternType', 'principal', 'host', 'operation', 'permissionType']
    return printStructured(io, format, rows, columns)
  }
  if (principals.length === 0) printByResource(all, io)
  for (const principal of principals) {
    println(io.out, `ACLs for principal \`${principal}\``)
    printByResource(of(principal), io)
  }
}
