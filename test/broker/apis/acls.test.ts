import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PatternType, PermissionType } from '../../../src/broker/authorizer/acl.ts'
import { AclOperation, ResourceType } from '../../../src/broker/authorizer/authorizer.ts'
import { makeAuthorizer } from '../../../src/broker/authorizer/make-authorizer.ts'
import { BrokerStartError } from '../../../src/broker/broker-start-error.ts'
import { AclImage } from '../../../src/broker/controller/acl-image.ts'
import { silentLogger } from '../../../src/broker/logger.ts'
import { BrokerConfig } from '../../../src/config/broker-config.ts'
import { defaultEmbeddedProperties } from '../../../src/config/embedded-config.ts'
import type { Draft } from '../../../src/protocol/codec.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { DescribeAclsRequest, DescribeAclsResponse } from '../../../src/protocol/generated/29-describe-acls.ts'
import {
  CreateAclsRequest,
  type CreateAclsRequestAclCreation,
  CreateAclsResponse,
} from '../../../src/protocol/generated/30-create-acls.ts'
import { DeleteAclsRequest, DeleteAclsResponse } from '../../../src/protocol/generated/31-delete-acls.ts'
import { connectAs } from '../authorizer/connect-as.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

const { LITERAL, PREFIXED, MATCH } = PatternType
const { TOPIC, GROUP, CLUSTER } = ResourceType
const { READ, WRITE } = AclOperation
const STANDARD = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'
const ANYTHING = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
}

let broker: TestBroker
let client: TestClient
beforeAll(async () => {
  broker = await TestBroker.start({ 'authorizer.class.name': STANDARD, 'super.users': 'User:root;User:ANONYMOUS' })
  client = await broker.connect()
})
afterAll(async () => {
  client.close()
  await broker.stop()
})
beforeEach(async () => {
  await remove(ANYTHING)
})

const aclOf = (acl: Draft<CreateAclsRequestAclCreation>): Draft<CreateAclsRequestAclCreation> => ({
  resourceType: TOPIC,
  resourceName: 't',
  resourcePatternType: LITERAL,
  principal: 'User:alice',
  host: '*',
  operation: READ,
  permissionType: PermissionType.ALLOW,
  ...acl,
})

async function create(...acls: Draft<CreateAclsRequestAclCreation>[]) {
  const answer = await client.request(CreateAclsRequest, CreateAclsResponse, 3, { creations: acls.map(aclOf) })
  return answer.results.map(({ errorCode, errorMessage }) => [errorCode, errorMessage || null])
}

async function describeAll(filter: Draft<DescribeAclsRequest> = {}, version = 3) {
  return client.request(DescribeAclsRequest, DescribeAclsResponse, version, { ...ANYTHING, ...filter })
}

/** name:principal:operation of what a filter means. */
async function names(filter: Draft<DescribeAclsRequest> = {}): Promise<string[]> {
  const { resources } = await describeAll(filter)
  return resources.flatMap(({ resourceName, patternType, acls }) =>
    acls.map(({ operation }) => `${resourceName}${patternType === PREFIXED ? '…' : ''} ${operation}`),
  )
}

async function remove(...filters: object[]) {
  const answer = await client.request(DeleteAclsRequest, DeleteAclsResponse, 3, {
    filters: filters.map((filter) => ({ ...ANYTHING, ...filter })),
  })
  return answer.filterResults.map(({ errorCode, errorMessage, matchingAcls }) =>
    errorCode ? [errorCode, errorMessage] : matchingAcls.map((acl) => `${acl.resourceName} ${acl.operation}`),
  )
}

describe('CreateAcls', () => {
  it('makes ACLs that are there after a restart; the same again succeeds', async () => {
    expect(await create({}, {}, { operation: WRITE })).toEqual([
      [0, null],
      [0, null],
      [0, null],
    ])
    expect(await create({})).toEqual([[0, null]])
    expect(await names()).toEqual(['t 3', 't 4'])
    client.close()
    await broker.restart()
    client = await broker.connect()
    expect(await names()).toEqual(['t 3', 't 4'])
  })

  it.each<[Draft<CreateAclsRequestAclCreation>, string]>([
    [{ resourceType: 99 }, 'Invalid resourceType UNKNOWN'],
    [{ resourcePatternType: 99 }, 'Invalid patternType UNKNOWN'],
    [{ operation: 99 }, 'Invalid operation UNKNOWN'],
    [{ permissionType: 99 }, 'Invalid permissionType UNKNOWN'],
    [{ resourceName: '' }, 'Invalid empty resource name'],
    [{ resourceType: CLUSTER }, 'The only valid name for the CLUSTER resource is kafka-cluster'],
    [
      { principal: 'alice' },
      'Could not parse principal from `alice` (no colon is present separating the principal type from the principal name)',
    ],
  ])('refuses %j alone', async (acl, message) => {
    expect(await create({}, acl, { resourceType: GROUP })).toEqual([
      [0, null],
      [ErrorCode.INVALID_REQUEST, message],
      [0, null],
    ])
    expect(await names()).toEqual(['t 3', 't 3'])
  })

  it('takes codes that only filters have for no ACLs', async () => {
    for (const acl of [{ operation: 1 }, { permissionType: 1 }, { resourceType: 1 }, { resourcePatternType: MATCH }]) {
      const [first, second] = await create({}, acl)
      expect([first?.[0], second?.[0]]).toEqual([-1, -1])
    }
    expect(await names()).toEqual([])
  })

  it.each([
    ['CreateAcls', () => create({ operation: 0 })],
    ['DescribeAcls', () => describeAll({ permissionType: 0 })],
    ['DeleteAcls', () => remove({ resourceTypeFilter: 0 })],
  ])('%s with a code of 0 closes the connection', async (_name, request) => {
    await expect(request()).rejects.toThrow('closed')
    client = await broker.connect()
  })
})

describe('DescribeAcls and DeleteAcls', () => {
  const ACLS = [
    {},
    { resourceName: 'tea' },
    { resourceName: 't', resourcePatternType: PREFIXED, operation: WRITE },
    { resourceName: '*', principal: 'User:bob', host: '10.0.0.1' },
    { resourceType: GROUP, permissionType: PermissionType.DENY },
  ]
  const FILTERS: [Draft<DescribeAclsRequest>, string[]][] = [
    [{}, ['tea 3', 't 3', 't… 4', '* 3', 't 3']],
    [{ resourceTypeFilter: GROUP }, ['t 3']],
    [{ resourceNameFilter: 't', resourceTypeFilter: TOPIC }, ['t 3', 't… 4']],
    [{ resourceNameFilter: 't', patternTypeFilter: LITERAL, resourceTypeFilter: TOPIC }, ['t 3']],
    [{ resourceNameFilter: 'tea', patternTypeFilter: MATCH, resourceTypeFilter: TOPIC }, ['tea 3', 't… 4', '* 3']],
    [{ principalFilter: 'User:bob' }, ['* 3']],
    [{ hostFilter: '10.0.0.1' }, ['* 3']],
    [{ operation: WRITE }, ['t… 4']],
    [{ permissionType: PermissionType.DENY }, ['t 3']],
    [{ resourceNameFilter: 'nothing' }, []],
  ]

  it.each(FILTERS)('%j', async (filter, expected) => {
    await create(...ACLS)
    expect(await names(filter)).toEqual(expected)
    expect(await remove(filter)).toEqual([expected.map((acl) => acl.replace('…', ''))])
    expect(await names(filter)).toEqual([])
    expect(await names()).toHaveLength(ACLS.length - expected.length)
  })

  it('answers each filter, and removes once what several mean', async () => {
    await create(...ACLS)
    expect(await remove({ resourceTypeFilter: GROUP }, {}, { operation: 99 }, { patternTypeFilter: 99 })).toEqual([
      ['t 3'],
      ['tea 3', 't 3', 't 4', '* 3', 't 3'],
      [ErrorCode.INVALID_REQUEST, 'Unknown entryFilter.'],
      [ErrorCode.INVALID_REQUEST, 'Unknown patternFilter.'],
    ])
    expect(await names()).toEqual([])
  })

  it('answers all versions', async () => {
    await create({})
    for (const version of [1, 2, 3]) expect((await describeAll({}, version)).resources).toHaveLength(1)
  })
})

describe('rights to the ACLs', () => {
  it('need DESCRIBE and ALTER on the cluster', async () => {
    const alice = await connectAs(broker, 'User:alice')
    const needs = (operation: string) =>
      expect.stringMatching(
        new RegExp(`^Request Request\\(.*User:alice.*\\) needs ${operation} permission\\.$`),
      ) as string
    const errorCode = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
    expect(await alice.request(DescribeAclsRequest, DescribeAclsResponse, 3, ANYTHING)).toMatchObject({
      errorCode,
      errorMessage: needs('DESCRIBE'),
    })
    const created = await alice.request(CreateAclsRequest, CreateAclsResponse, 3, { creations: [aclOf({})] })
    expect(created.results).toMatchObject([{ errorCode, errorMessage: needs('ALTER') }])
    const removed = await alice.request(DeleteAclsRequest, DeleteAclsResponse, 3, { filters: [ANYTHING] })
    expect(removed.filterResults).toMatchObject([{ errorCode, errorMessage: needs('ALTER') }])
    await create({ resourceType: CLUSTER, resourceName: 'kafka-cluster', operation: AclOperation.ALTER })
    expect(await alice.request(DescribeAclsRequest, DescribeAclsResponse, 3, ANYTHING)).toMatchObject({ errorCode: 0 })
    alice.close()
  })
})

describe('a broker without an authorizer', () => {
  it('has no ACLs', async () => {
    const open = await TestBroker.start()
    const anyone = await open.connect()
    const errorCode = ErrorCode.SECURITY_DISABLED
    expect(await anyone.request(DescribeAclsRequest, DescribeAclsResponse, 3, ANYTHING)).toMatchObject({
      errorCode,
      errorMessage: 'No Authorizer is configured on the broker',
    })
    const created = await anyone.request(CreateAclsRequest, CreateAclsResponse, 3, { creations: [aclOf({})] })
    expect(created.results).toMatchObject([{ errorCode, errorMessage: 'No Authorizer is configured.' }])
    const removed = await anyone.request(DeleteAclsRequest, DeleteAclsResponse, 3, { filters: [ANYTHING] })
    expect(removed.filterResults).toMatchObject([{ errorCode, errorMessage: 'No Authorizer is configured.' }])
    anyone.close()
    await open.stop()
  })

  it.each([
    [{ 'authorizer.class.name': 'org.example.Mine' }, /authorizer\.class\.name=org\.example\.Mine/],
    [
      { 'authorizer.class.name': STANDARD, 'super.users': 'User:a;bob' },
      /expected a string in format principalType:principalName but got bob/,
    ],
  ])('does not start with %j', (overrides, message) => {
    const properties = defaultEmbeddedProperties({ port: 0, dataDir: '/nowhere', overrides })
    const start = () => makeAuthorizer(BrokerConfig.fromProperties(properties), new AclImage(), silentLogger)
    expect(start).toThrow(BrokerStartError)
    expect(start).toThrow(message)
  })
})
