/** Java's String.hashCode: over UTF-16 units, in signed 32-bit arithmetic. */
export function javaStringHashCode(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0
  return hash
}

/**
 * The partition of __consumer_offsets that holds a group (Utils.abs(groupId.hashCode) % count).
 *
 * @param partitionCount number of partitions of __consumer_offsets, above 0
 */
export function partitionForGroup(groupId: string, partitionCount: number): number {
  const hash = javaStringHashCode(groupId)
  const positive = hash === -0x80000000 ? 0 : Math.abs(hash)
  return positive % partitionCount
}
