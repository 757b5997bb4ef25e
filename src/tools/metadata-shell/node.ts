/** A node of the tree: a directory with children, or a file with text. */
export interface MetadataNode {
  readonly children?: ReadonlyMap<string, MetadataNode>
  readonly text?: string
}

export const file = (text: string): MetadataNode => ({ text })

/** A directory; children stand in the order of their names. */
export const directory = (entries: Iterable<readonly [string, MetadataNode]>): MetadataNode => ({
  children: new Map([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
})

/** `path` made absolute, with `.` and `..` resolved. */
export const effectivePath = (path: string, workingDirectory: string): string[] => {
  const parts: string[] = []
  for (const part of `${path.startsWith('/') ? '' : `${workingDirectory}/`}${path}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts
}

/** A component with `*`, `?` and `{a,b}`; null when it is a plain name. */
const globOf = (component: string): RegExp | null => {
  if (!/[*?{]/.test(component)) return null
  let depth = 0
  const source = [...component].map((letter) => {
    if (letter === '*') return '.*'
    if (letter === '?') return '.'
    if (letter === '{') {
      depth++
      return '(?:'
    }
    if (letter === '}' && depth > 0) {
      depth--
      return ')'
    }
    if (letter === ',' && depth > 0) return '|'
    return letter.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return depth === 0 ? new RegExp(`^${source.join('')}$`) : null
}

export interface FoundNode {
  path: string[]
  node: MetadataNode
}

/** The nodes a path names; patterns may name several, files before directories. */
export const findNodes = (root: MetadataNode, path: readonly string[]): FoundNode[] => {
  let found: FoundNode[] = [{ path: [], node: root }]
  for (const component of path) {
    const glob = globOf(component)
    found = found.flatMap((at) =>
      [...(at.node.children ?? [])]
        .filter(([name]) => (glob ? glob.test(name) : name === component))
        .map(([name, node]) => ({ path: [...at.path, name], node })),
    )
  }
  return found
}
