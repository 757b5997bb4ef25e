import { isIPv6 } from 'node:net'

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
const GROUPS = 8

/** An address as Java writes it, which is how ACLs name hosts: IPv6 in full, without leading zeros ('0:0:0:0:0:0:0:1'). */
export function hostAddress(address: string): string {
  if (!address.includes(':')) return address
  const mapped = MAPPED.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [plain = '', zone] = address.split('%')
  if (!isIPv6(plain) || plain.includes('.')) return address
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = new Array<string>(tail === undefined ? 0 : GROUPS - before.length - after.length).fill('0')
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16).toString(16))
  return groups.join(':') + (zone === undefined ? '' : `%${zone}`)
}
