import { beforeEach, expect, it } from 'vitest'
import type { AclBinding } from '../../src/client/acl-types.ts'
import * as acls from '../../src/tools/acls/command.ts'
import { FakeAdmin } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

let admin: FakeAdmin
const run = (command: string): Promise<Outcome> => runTool(acls, admin, command)
const t = 'ResourcePattern(resourceType=TOPIC, name=t, patternType=LITERAL)'
const mayRead = '(principal=User:a, host=*, operation=READ, permissionType=ALLOW)'
const binding: AclBinding = {
  pattern: { resourceType: 'TOPIC', name: 't', patternType: 'LITERAL' },
  entry: { principal: 'User:a', host: '*', operation: 'READ', permissionType: 'ALLOW' },
}

beforeEach(() => {
  admin = new FakeAdmin()
})

it('adds ACLs and leaves out what is there', async () => {
  const command = '--add --allow-principal User:a --operation read --topic t'
  expect((await run(command)).out).toEqual([`Adding ACLs for resource \`${t}\`: `, ` \t${mayRead}`, ''])
  expect((await run(command)).out).toEqual([`Acl (pattern=${t}, entry=${mayRead}) already exists.`])
  expect(admin.acls).toEqual([binding])
})

it('knows what producers and consumers need', async () => {
  await run(
    '--add --allow-principal User:a --producer --consumer --idempotent --topic t --group g --transactional-id x',
  )
  const short = admin.acls.map(({ pattern, entry }) => `${pattern.resourceType} ${entry.operation}`).sort()
  expect(short).toEqual([
    'CLUSTER IDEMPOTENT_WRITE',
    'GROUP READ',
    'TOPIC CREATE',
    'TOPIC DESCRIBE',
    'TOPIC READ',
    'TOPIC WRITE',
    'TRANSACTIONAL_ID DESCRIBE',
    'TRANSACTIONAL_ID WRITE',
  ])
})

it('lists by resource, and by principal', async () => {
  admin.acls = [binding]
  expect((await run('--list')).out).toEqual([`Current ACLs for resource \`${t}\`:`, `\t${mayRead}`, ''])
  expect((await run('--list --principal User:b')).out).toEqual(['ACLs for principal `User:b`'])
  expect(JSON.parse((await run('--list --output json')).out.join('\n'))).toMatchObject([
    { resourceName: 't', operation: 'READ' },
  ])
})

it('removes without asking only with --force', async () => {
  const asking = await run('--remove --topic t')
  expect([asking.code, asking.out[0]]).toEqual([
    1,
    `Are you sure you want to delete all ACLs for resource filter \`${t}\`? (y/n)`,
  ])
  expect(admin.asked).toEqual([])
  expect(await run('--remove --topic t --force')).toEqual({ code: 0, out: [], err: [] })
  expect(admin.asked).toHaveLength(1)
})

it.each([
  ['--add --list', 'Command must include exactly one action: --list, --add, --remove. '],
  ['--add --topic t', 'You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.'],
  ['--add --allow-principal User:a', 'You must provide at least one resource'],
  ['--add --allow-principal User:a --group g --operation write', 'ResourceType GROUP only supports operations'],
  [
    '--add --allow-principal User:a --topic t --resource-pattern-type any',
    "A '--resource-pattern-type' value of 'ANY'",
  ],
  ['--list --producer', 'Option "[list]" can\'t be used with option "[producer]"'],
  ['--add --consumer --topic t', 'With --consumer you must specify a --topic and a --group'],
  ['--remove --principal User:a --topic t', 'The --principal option is only available if --list is set'],
])('%s is refused', async (command, message) => {
  const { code, err } = await run(command)
  expect(code).toBe(1)
  expect(err[0]).toContain(message)
})

it('reports errors on standard output', async () => {
  expect((await run('--add --allow-principal User:a --operation any --topic t')).out).toEqual([
    'Error while executing ACL command: operation must not be ANY',
  ])
  const { code, out } = await run('--add --allow-principal a --topic t')
  expect([code, out]).toEqual([
    1,
    ['Error while executing ACL command: expected a string in format principalType:principalName but got a'],
  ])
})
