import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Draft } from '../../../src/protocol/codec.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from '../../../src/protocol/generated/50-describe-user-scram-credentials.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../../src/protocol/generated/51-alter-user-scram-credentials.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

const bytes = Buffer.from('x')
const up = (name: string, mechanism: number, iterations = 4096) => ({
  ...{ name, mechanism, iterations },
  salt: bytes,
  saltedPassword: bytes,
})

describe('SCRAM credentials', () => {
  let broker: TestBroker
  let client: TestClient
  beforeAll(async () => {
    broker = await TestBroker.start()
    client = await broker.connect()
  })
  afterAll(async () => {
    client.close()
    await broker.stop()
  })

  const alter = async (
    request: Draft<AlterUserScramCredentialsRequest>,
  ): Promise<[string, number, string | null][]> => {
    const request0 = AlterUserScramCredentialsRequest
    const { results } = await client.request(request0, AlterUserScramCredentialsResponse, 0, request)
    return results.map(({ user, errorCode, errorMessage }) => [user, errorCode, errorMessage])
  }
  const describeUsers = async (users: string[] | null) => {
    const request = DescribeUserScramCredentialsRequest
    const { results } = await client.request(request, DescribeUserScramCredentialsResponse, 0, {
      users: users?.map((name) => ({ name })) ?? null,
    })
    return results
  }

  it('are set, shown and removed, and survive a restart', async () => {
    expect(await alter({ upsertions: [up('a', 1), up('b', 2, 16_384)] })).toEqual([
      ['a', 0, null],
      ['b', 0, null],
    ])
    await alter({ upsertions: [up('a', 2, 5000)] })
    client.close()
    await broker.restart()
    client = await broker.connect()
    expect((await describeUsers(null)).map(({ user, credentialInfos }) => [user, credentialInfos])).toEqual([
      [
        'a',
        [
          { mechanism: 1, iterations: 4096 },
          { mechanism: 2, iterations: 5000 },
        ],
      ],
      ['b', [{ mechanism: 2, iterations: 16_384 }]],
    ])
    expect(await alter({ deletions: [{ name: 'b', mechanism: 2 }] })).toEqual([['b', 0, null]])
    expect((await describeUsers([])).map(({ user }) => user)).toEqual(['a'])
  })

  it('are refused each for itself', async () => {
    const refused = await alter({
      deletions: [
        { name: 'none', mechanism: 1 },
        { name: 'unknown', mechanism: 0 },
        { name: 'both', mechanism: 1 },
        { name: 'a', mechanism: 1 },
      ],
      upsertions: [up('few', 1, 4095), up('many', 2, 16_385), up('', 1), up('other', 9), up('a', 1), up('good', 1)],
    })
    expect(new Map(refused.map(([user, ...rest]) => [user, rest]))).toEqual(
      new Map<string, unknown>([
        ['none', [ErrorCode.RESOURCE_NOT_FOUND, 'Attempt to delete a user credential that does not exist']],
        ['unknown', [ErrorCode.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism']],
        ['both', [ErrorCode.RESOURCE_NOT_FOUND, 'Attempt to delete a user credential that does not exist']],
        ['few', [ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too few iterations']],
        ['many', [ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too many iterations']],
        ['', [ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty']],
        ['other', [ErrorCode.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism']],
        ['a', [ErrorCode.DUPLICATE_RESOURCE, 'A user credential cannot be altered twice in the same request']],
        ['good', [0, null]],
      ]),
    )
    // What was asked twice is left as it was.
    expect((await describeUsers(['a']))[0]!.credentialInfos).toHaveLength(2)
  })

  it('are described each user for itself', async () => {
    expect(await describeUsers(['nobody', 'twice', 'twice'])).toMatchObject([
      {
        user: 'nobody',
        errorCode: ErrorCode.RESOURCE_NOT_FOUND,
        errorMessage: 'Attempt to describe a user credential that does not exist: nobody',
      },
      {
        user: 'twice',
        errorCode: ErrorCode.DUPLICATE_RESOURCE,
        errorMessage: 'Cannot describe SCRAM credentials for the same user twice in a single request: twice',
      },
    ])
  })
})
