import { describe, expect, it } from 'vitest'
import { isControl, isTransactional } from '../../../src/protocol/records/batch-header.ts'
import { validateBatch } from '../../../src/protocol/records/batch-reader.ts'
import {
  buildEndTxnMarkerBatch,
  ControlRecordError,
  ControlType,
  decodeControlKey,
  decodeEndTxnMarker,
  encodeControlKey,
  encodeEndTxnMarkerValue,
  endTxnMarkerAt,
} from '../../../src/protocol/records/control-records.ts'
import { RecordCursor } from '../../../src/protocol/records/record-cursor.ts'
import { firstHeader } from './arbitraries.ts'

describe('control records', () => {
  it('have the bytes of Kafka', () => {
    expect(encodeControlKey(ControlType.COMMIT).toString('hex')).toBe('00000001')
    expect(encodeControlKey(ControlType.ABORT).toString('hex')).toBe('00000000')
    expect(encodeEndTxnMarkerValue(258).toString('hex')).toBe('000000000102')
  })

  it.each([true, false])('end a transaction with a batch of their own (commit %s)', (commit) => {
    const batch = buildEndTxnMarkerBatch({
      commit,
      coordinatorEpoch: 7,
      producerId: 4000,
      producerEpoch: 2,
      timestamp: 99,
      baseOffset: 12,
    })
    const header = firstHeader(batch)
    validateBatch(batch, header)
    expect(batch.length).toBe(78)
    expect(isControl(header.attributes) && isTransactional(header.attributes)).toBe(true)
    expect(header).toMatchObject({ baseOffset: 12, producerId: 4000, producerEpoch: 2, baseSequence: -1 })
    const cursor = new RecordCursor(batch, header)
    expect(cursor.next()).toBe(true)
    expect(endTxnMarkerAt(cursor)).toEqual({ commit, coordinatorEpoch: 7 })
  })

  it('are read when a later version has more bytes, and skipped when the type is another', () => {
    const laterKey = Buffer.from('0001000199', 'hex')
    expect(decodeControlKey(laterKey)).toEqual({ version: 1, type: ControlType.COMMIT })
    const laterValue = Buffer.from('000100000005ffff', 'hex')
    expect(decodeEndTxnMarker(laterKey, laterValue)).toEqual({ commit: true, coordinatorEpoch: 5 })
    expect(decodeEndTxnMarker(encodeControlKey(ControlType.LEADER_CHANGE), null)).toBeUndefined()
  })

  it.each([
    ['no key', null, null],
    ['a short key', Buffer.alloc(3), null],
    ['a negative key version', Buffer.from('ffff0001', 'hex'), null],
    ['no value', encodeControlKey(ControlType.ABORT), null],
    ['a short value', encodeControlKey(ControlType.ABORT), Buffer.alloc(5)],
    ['a negative value version', encodeControlKey(ControlType.ABORT), Buffer.from('ffff00000001', 'hex')],
  ])('are rejected with %s', (_name, key, value) => {
    expect(() => decodeEndTxnMarker(key, value)).toThrow(ControlRecordError)
  })
})
