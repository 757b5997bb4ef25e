import type { AnyApi } from './define-api.ts'

/** The APIs a broker answers, by key. ApiVersions and the dispatch both read this one list. */
export class ApiRegistry {
  private readonly byKey = new Map<number, AnyApi>()

  constructor(apis: readonly AnyApi[]) {
    for (const api of apis) {
      if (this.byKey.has(api.request.apiKey)) throw new RangeError(`${api.request.name} is listed twice`)
      this.byKey.set(api.request.apiKey, api)
    }
  }

  get(apiKey: number): AnyApi | undefined {
    return this.byKey.get(apiKey)
  }

  /** Ordered by key. */
  all(): AnyApi[] {
    return [...this.byKey.values()].sort((a, b) => a.request.apiKey - b.request.apiKey)
  }
}
