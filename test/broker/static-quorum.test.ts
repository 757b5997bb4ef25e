import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ZERO_UUID } from '../../src/base/uuid.ts'
import { Broker } from '../../src/broker/broker.ts'
import { formatLogDirs } from '../../src/broker/controller/format.ts'
import { BrokerConfig } from '../../src/config/broker-config.ts'
import { defaultEmbeddedProperties } from '../../src/config/embedded-config.ts'
import { ErrorCode } from '../../src/protocol/errors.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../src/protocol/generated/55-describe-quorum.ts'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../src/protocol/generated/57-update-features.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../src/protocol/generated/80-add-raft-voter.ts'
import { TestClient } from './in-process.ts'

it('static voters become dynamic with kraft.version 1, and stay so', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kt-static-'))
  const config = BrokerConfig.fromProperties(defaultEmbeddedProperties({ port: 0, dataDir }))
  formatLogDirs({ config, clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', quorum: { kind: 'static' }, nowMs: 0 })
  const state = async (client: TestClient) => {
    const { topics } = await client.request(DescribeQuorumRequest, DescribeQuorumResponse, 2, {
      topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
    })
    const { finalizedFeatures } = await client.request(ApiVersionsRequest, ApiVersionsResponse, 4, {
      clientSoftwareName: 'test',
      clientSoftwareVersion: '1',
    })
    const level = finalizedFeatures.find(({ name }) => name === 'kraft.version')?.maxVersionLevel
    return { level, directoryId: topics[0]!.partitions[0]!.currentVoters[0]!.replicaDirectoryId }
  }
  let broker = await Broker.start({ config })
  let client = await TestClient.connect(broker.listenerPort('PLAINTEXT'))
  expect(await state(client)).toEqual({ level: undefined, directoryId: ZERO_UUID })
  const add = await client.request(AddRaftVoterRequest, AddRaftVoterResponse, 0, {
    ...{ clusterId: null, voterId: 5, voterDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAQ' },
    listeners: [{ name: 'CONTROLLER', host: 'localhost', port: 9 }],
  })
  expect(add).toMatchObject({
    errorCode: ErrorCode.UNSUPPORTED_VERSION,
    errorMessage: "Cluster doesn't support adding voter because the kraft.version feature is 0",
  })
  const updated = await client.request(UpdateFeaturesRequest, UpdateFeaturesResponse, 2, {
    featureUpdates: [{ feature: 'kraft.version', maxVersionLevel: 1, upgradeType: 1 }],
  })
  expect(updated.errorCode).toBe(0)
  const after = await state(client)
  expect(after).toEqual({ level: 1, directoryId: expect.stringMatching(/^[\w-]{22}$/) })
  expect(after.directoryId).not.toBe(ZERO_UUID)
  client.close()
  await broker.stop()

  broker = await Broker.start({ config })
  client = await TestClient.connect(broker.listenerPort('PLAINTEXT'))
  expect(await state(client)).toEqual(after)
  client.close()
  await broker.stop()
  await rm(dataDir, { recursive: true, force: true })
})
