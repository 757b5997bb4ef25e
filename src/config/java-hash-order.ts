/** Java's String.hashCode. */
function hashCode(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash
}

/**
 * Error texts that list a Java HashSet, or stop at its first element, show its iteration order.
 * @returns the names in that order
 */
export function javaHashOrder(names: readonly string[]): string[] {
  let buckets = 16
  while (names.length > buckets * 0.75) buckets *= 2
  const bucket = (name: string) => {
    const hash = hashCode(name)
    return (hash ^ (hash >>> 16)) & (buckets - 1)
  }
  return [...names].sort((left, right) => bucket(left) - bucket(right))
}
