import { errorAnswer, type RestAnswer, type RestRequest } from './http.ts'

type Handler = (request: RestRequest) => RestAnswer | Promise<RestAnswer>

/** What is answered at a path: a handler for each method. `:name` stands for a part of the path, `:name#` for a number. */
export interface Route {
  readonly path: string
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Handler>>>
}

const match = (path: string, parts: readonly string[]): Record<string, string> | null => {
  const wanted = path.split('/').filter((part) => part !== '')
  if (wanted.length !== parts.length) return null
  const params: Record<string, string> = {}
  for (const [index, want] of wanted.entries()) {
    const part = parts[index]!
    if (!want.startsWith(':')) {
      if (want !== part) return null
      continue
    }
    if (want.endsWith('#') && !/^-?\d+$/.test(part)) return null
    params[want.replace(/^:|#$/g, '')] = part
  }
  return params
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Finds what answers a request, or the answer when nothing does: 404, 405 or OPTIONS. */
export const routeOf = (
  routes: readonly Route[],
  method: string,
  path: string,
): { answer: RestAnswer } | { handle: Handler; params: Record<string, string> } => {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded)
  for (const route of routes) {
    const params = match(route.path, parts)
    if (params === null) continue
    const handle = route.methods[(method === 'HEAD' ? 'GET' : method) as keyof Route['methods']]
    if (handle) return { handle, params }
    const allowed = [...(route.methods.GET ? ['HEAD'] : []), ...Object.keys(route.methods), 'OPTIONS']
    if (method === 'OPTIONS') {
      return { answer: { status: 200, body: allowed.join(', '), headers: { Allow: allowed.join(',') } } }
    }
    return { answer: errorAnswer(405, 'HTTP 405 Method Not Allowed') }
  }
  return { answer: errorAnswer(404, 'HTTP 404 Not Found') }
}
