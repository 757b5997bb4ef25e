import { expect, it } from 'vitest'
import type { TopicDescriber } from '../../../../src/broker/group/consumer/consumer-context.ts'
import { metadataHash } from '../../../../src/broker/group/consumer/metadata-hash.ts'

const describer = (racks: readonly string[] = [], id = 'Tynlk6prQniBG-gKJyHYCA'): TopicDescriber => ({
  topicId: (name) => (name === 't1' ? id : undefined),
  topicName: () => 't1',
  partitionCount: () => 2,
  racks: () => racks,
  topicNames: () => ['t1'],
})

it('is what Kafka 4.3 wrote for the same topic', () => {
  expect(metadataHash(describer(), ['t1'])).toBe(8732612734480117197n)
})

it('leaves out topics that do not exist', () => {
  expect(metadataHash(describer(), ['gone', 't1'])).toBe(8732612734480117197n)
  expect(metadataHash(describer(), ['gone'])).toBe(0n)
})

it('depends on racks, in any order', () => {
  const hash = metadataHash(describer(['a', 'b']), ['t1'])
  expect(hash).not.toBe(metadataHash(describer(), ['t1']))
  expect(metadataHash(describer(['b', 'a']), ['t1'])).toBe(hash)
})
