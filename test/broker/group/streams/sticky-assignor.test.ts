import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AssignableMember, assignSticky } from '../../../../src/broker/group/streams/sticky-assignor.ts'
import { EMPTY_TASKS, type Tasks, taskSet } from '../../../../src/broker/group/streams/tasks.ts'

const member = (memberId: string, processId = memberId, tasks: Tasks = EMPTY_TASKS): AssignableMember => {
  return { memberId, processId, tasks }
}

const tasksOf = (active: number[], standby: number[] = []): Tasks => ({
  active: taskSet([{ subtopologyId: '0', partitions: active }]),
  standby: taskSet([{ subtopologyId: '0', partitions: standby }]),
  warmup: new Map(),
})

function assign(members: AssignableMember[], numberOfTasks: number, numStandbyReplicas = 0) {
  const subtopologies = [{ id: '0', numberOfTasks, isStateful: true }]
  const { targets } = assignSticky({ members, subtopologies, numStandbyReplicas })
  return Object.fromEntries(
    [...targets].map(([memberId, { active, standby }]) => [
      memberId,
      [[...(active.get('0') ?? [])].sort(), [...(standby.get('0') ?? [])].sort()],
    ]),
  )
}

test('members keep what they have, as far as it is fair', () => {
  const members = [member('a', 'a', tasksOf([0, 1, 2, 3])), member('b')]
  expect(assign(members, 4)).toEqual({ a: [[0, 1], []], b: [[2, 3], []] })
})

test('who has the state as a standby gets the task of one that is gone', () => {
  const members = [member('a', 'a', tasksOf([0], [3])), member('b', 'b', tasksOf([1], [2]))]
  expect(assign(members, 4)).toEqual({ a: [[0, 3], []], b: [[1, 2], []] })
})

test('a standby is in another process than the active task, or nowhere', () => {
  expect(assign([member('a', 'p'), member('b', 'p')], 2, 1)).toEqual({ a: [[0], []], b: [[1], []] })
  expect(assign([member('a', 'p'), member('b', 'q')], 2, 1)).toEqual({ a: [[0], [1]], b: [[1], [0]] })
})

const input = fc.record({
  processes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
  counts: fc.array(fc.record({ numberOfTasks: fc.integer({ min: 1, max: 7 }), isStateful: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  numStandbyReplicas: fc.integer({ min: 0, max: 2 }),
  leaving: fc.nat(4),
})

test('whatever was before, each task is active once and standbys are elsewhere', () => {
  fc.assert(
    fc.property(input, ({ processes, counts, numStandbyReplicas, leaving }) => {
      const subtopologies = counts.map((each, i) => ({ id: String(i), ...each }))
      let members = processes.flatMap((size, p) => Array.from({ length: size }, (_, i) => member(`${p}-${i}`, `${p}`)))
      for (let round = 0; round < 3; round++) {
        const { targets } = assignSticky({ members, subtopologies, numStandbyReplicas })
        checkTargets(members, targets, subtopologies, numStandbyReplicas)
        members = members.map((each) => ({ ...each, tasks: targets.get(each.memberId)! }))
        if (round === 0 && members.length > 1) members.splice(leaving % members.length, 1)
      }
    }),
    { numRuns: 200 },
  )
})

function checkTargets(
  members: readonly AssignableMember[],
  targets: ReadonlyMap<string, Tasks>,
  subtopologies: readonly { id: string; numberOfTasks: number; isStateful: boolean }[],
  numStandbyReplicas: number,
): void {
  const processCount = new Set(members.map(({ processId }) => processId)).size
  for (const { id, numberOfTasks, isStateful } of subtopologies) {
    for (let partition = 0; partition < numberOfTasks; partition++) {
      const having = (kind: 'active' | 'standby') =>
        members.filter(({ memberId }) => targets.get(memberId)![kind].get(id)?.has(partition))
      expect(having('active')).toHaveLength(1)
      const standbys = having('standby').map(({ processId }) => processId)
      const wanted = isStateful ? Math.min(numStandbyReplicas, processCount - 1) : 0
      expect(standbys).toHaveLength(wanted)
      expect(new Set([...standbys, having('active')[0]!.processId]).size).toBe(wanted + 1)
    }
  }
}
