/** @returns the parts of `name:value`; as Java splits, empty ones at the end fall away */
export function splitMapping(mapping: string): string[] {
  const parts = mapping.split(':')
  if (parts.length === 1) return parts
  while (parts.at(-1) === '') parts.pop()
  return parts
}
