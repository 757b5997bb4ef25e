/** Java's String.hashCode. */
function hashCode(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash
}

/**
 * Texts that list a Java HashSet or HashMap, or stop at its first element, show its iteration order.
 * @param capacity what its constructor was given; 16 when it was given nothing
 * @returns the names in that order
 */
export function javaHashOrder(names: readonly string[], capacity = 16): string[] {
  let buckets = 1
  while (buckets < capacity) buckets *= 2
  while (names.length > buckets * 0.75) buckets *= 2
  const bucket = (name: string) => {
    const hash = hashCode(name)
    return (hash ^ (hash >>> 16)) & (buckets - 1)
  }
  return [...names].sort((left, right) => bucket(left) - bucket(right))
}
