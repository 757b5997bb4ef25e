import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { ConsumerGroupDescription } from '../../client/types.ts'
import { left } from '../shared/java.ts'
import type { Row } from '../shared/structured.ts'

/** Kafka's table of a group's state; `verbose` adds epochs. */
export const printState = (io: Io, group: ConsumerGroupDescription, verbose: boolean): void => {
  const { host, port, id } = group.coordinator
  const coordinator = `${host}:${port}  (${id})`
  const groupWidth = Math.max(15, group.groupId.length)
  const coordinatorWidth = Math.max(25, coordinator.length)
  const line = (
    name: string,
    where: string,
    assignor: string,
    state: string,
    epochs: string[],
    count: string,
  ): string =>
    [
      left(name, groupWidth),
      left(where, coordinatorWidth),
      left(assignor, 20),
      left(state, 20),
      ...(verbose ? [left(epochs[0]!, 15), left(epochs[1]!, 25)] : []),
      count,
    ].join(' ')
  const titles = ['GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH']
  const epochs = [String(group.groupEpoch ?? '-'), String(group.targetAssignmentEpoch ?? '-')]
  const assignor = group.partitionAssignor === '' ? '-' : group.partitionAssignor
  println(io.out, `\n${line('GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE', titles, '#MEMBERS')}`)
  println(io.out, line(group.groupId, coordinator, assignor, group.state, epochs, String(group.members.length)))
}

/** The same for `--output`. */
export const stateRow = (group: ConsumerGroupDescription): Row => ({
  group: group.groupId,
  type: group.type.toLowerCase() || null,
  state: group.state,
  coordinator: group.coordinator.id,
  coordinatorHost: group.coordinator.host,
  coordinatorPort: group.coordinator.port,
  assignor: group.partitionAssignor || null,
  groupEpoch: group.groupEpoch,
  targetAssignmentEpoch: group.targetAssignmentEpoch,
  memberCount: group.members.length,
})
