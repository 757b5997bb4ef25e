import type { Admin, TopicPartition } from '../../client/types.ts'
import { counted } from '../shared/change-plan.ts'
import { unwrap, unwrapAll } from '../shared/results.ts'

/** What goes away with topics: their partitions and records, a line for each. Rejects with the broker's error. */
export const deletePlan = async (admin: Admin, names: readonly string[]): Promise<string[]> => {
  const described = unwrapAll(await admin.describeTopics([...names]))
  const partitions = described.flatMap(({ name, partitions: list }) =>
    list.map(({ partition }): TopicPartition => ({ topic: name, partition })),
  )
  const [first, last] = await Promise.all([
    admin.listOffsets(new Map(partitions.map((one) => [one, 'earliest']))),
    admin.listOffsets(new Map(partitions.map((one) => [one, 'latest']))),
  ])
  const records = new Map<string, number>()
  for (const one of partitions) {
    const count = unwrap(last.get(one)).offset - unwrap(first.get(one)).offset
    records.set(one.topic, (records.get(one.topic) ?? 0) + count)
  }
  return described.map(
    ({ name, partitions: list }) =>
      `${name}: ${counted(list.length, 'partition')}, ${counted(records.get(name) ?? 0, 'record')} will be deleted`,
  )
}
