import { describe, expect, it } from 'vitest'
import { parseFault } from '../../../src/broker/faults/parse-fault.ts'

describe('a fault as text', () => {
  it.each([
    ['delay=200,api=Produce', { on: 'request', rule: { kind: 'delay', delayMs: 200, api: 'Produce' } }],
    [
      'error=NOT_LEADER_OR_FOLLOWER, topic=orders, times=3, skip=1',
      { on: 'request', rule: { kind: 'error', error: 'NOT_LEADER_OR_FOLLOWER', topic: 'orders', times: 3, skip: 1 } },
    ],
    [
      'close,when=response,probability=0.5',
      { on: 'request', rule: { kind: 'close', when: 'response', probability: 0.5 } },
    ],
    [
      'drop,group=g,clientId=app,transactionalId=x,principal=User:a',
      {
        on: 'request',
        rule: { kind: 'drop', group: 'g', clientId: 'app', transactionalId: 'x', principal: 'User:a' },
      },
    ],
    ['disk=ENOSPC,path=orders-0', { on: 'disk', error: 'ENOSPC', match: { path: 'orders-0' } }],
    ['slow-disk=20,operation=sync', { on: 'disk', delayMs: 20, match: { operation: 'sync' } }],
  ])('%s', (text, expected) => expect(parseFault(text)).toEqual(expected))

  it.each([
    ['', 'it has to begin with one of delay, drop, close, error, disk, slow-disk'],
    ['explode', 'it has to begin with one of'],
    ['delay', 'delay must be a number from 0'],
    ['delay=-1', 'delay must be a number from 0'],
    ['drop=1', 'drop takes no value'],
    ['error=NONE', 'NONE is no error of Kafka'],
    ['error=toString', 'toString is no error of Kafka'],
    ['close,api', "'api' is not a setting of the form name=value"],
    ['close,ap=Fetch', 'there is no setting ap here'],
    ['close,when=later', 'when must be one of request, response'],
    ['close,probability=2', 'probability must be a number from 0 to 1'],
    ['disk=EPERM', 'disk must be one of ENOSPC, EIO'],
    ['disk=EIO,api=Fetch', 'there is no setting api here'],
  ])('%s is refused', (text, why) => expect(() => parseFault(text)).toThrow(why))
})
