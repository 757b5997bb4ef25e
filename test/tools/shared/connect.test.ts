import { describe, expect, it } from 'vitest'
import { requireResolvable } from '../../../src/client/bootstrap-names.ts'
import { connectWith } from '../../../src/tools/shared/connect.ts'
import { memoryIo } from '../../cli/memory-io.ts'

const refusal = async (property: string, text: string): Promise<unknown> =>
  connectWith(new Map([[property, text]]), memoryIo()).then(
    (admin) => admin.close().then(() => 'none'),
    ({ message, detail }: { message: string; detail?: string }) => (detail === undefined ? message : [message, detail]),
  )

const absent = (host: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(`getaddrinfo ${host}`), { code: 'ENOTFOUND' }))

describe('the addresses of an administrative client', () => {
  it('are a list without gaps', async () => {
    expect(await refusal('bootstrap.servers', 'localhost:1,')).toBe(
      "Configuration 'bootstrap.servers' values must not be empty.",
    )
    expect(await refusal('bootstrap.controllers', ',,')).toBe(
      "Configuration 'bootstrap.controllers' values must not be empty.",
    )
  })

  it('are well formed', async () => {
    expect(await refusal('bootstrap.servers', 'localhost')).toEqual([
      'Failed to create new KafkaAdminClient',
      'Invalid url in bootstrap.servers: localhost\nAddresses are host:port, several with commas.',
    ])
  })

  it('need a host that is known, when the client is made', async () => {
    await expect(requireResolvable([{ host: 'a', port: 1 }], absent)).rejects.toMatchObject({
      message: 'No resolvable bootstrap urls given in bootstrap.servers',
      detail: "Couldn't resolve server a:1: the name a has no address (ENOTFOUND).",
    })
    const servers = ['a', 'b'].map((host) => ({ host, port: 1 }))
    await requireResolvable(servers, (host) => (host === 'a' ? absent(host) : Promise.resolve()))
  })

  it('are not looked up when one is an address already', async () => {
    const servers = ['a', '127.0.0.1'].map((host) => ({ host, port: 1 }))
    await requireResolvable(servers, absent)
  })
})
