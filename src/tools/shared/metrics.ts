import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { Metric } from '../../client/metrics.ts'

/** Kafka's ToolsUtils.printMetrics. `clientId` is a tag of all. */
export const printMetrics = (io: Io, clientId: string, metrics: readonly Metric[]): void => {
  const count: Metric = { group: 'kafka-metrics-count', name: 'count', value: metrics.length + 1 }
  const lines = [...metrics, count]
    .map(({ group, name, tags, value, isWhole }) => {
      const all = Object.entries({ 'client-id': clientId, ...tags }).map(([tag, text]) => `${tag}=${text}`)
      return { title: `${group}:${name}:{${all.join(', ')}}`, text: isWhole ? String(value) : value.toFixed(3) }
    })
    .sort((a, b) => (a.title < b.title ? -1 : 1))
  const width = Math.max(...lines.map(({ title }) => title.length))
  println(io.out, `\n${'Metric Name'.padEnd(width)}   Value`)
  for (const { title, text } of lines) println(io.out, `${title.padEnd(width)} : ${text}`)
}
