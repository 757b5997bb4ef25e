import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'

/** One metric of a client: group, name and value; a number with digits after the point is a rate, an average or a total of one. */
export interface Metric {
  group: string
  name: string
  value: number
  /** Shown without digits after the point. */
  isWhole?: boolean
}

/** Kafka's ToolsUtils.printMetrics. `clientId` is the tag of all. */
export const printMetrics = (io: Io, clientId: string, metrics: readonly Metric[]): void => {
  const lines = metrics
    .map(({ group, name, value, isWhole }) => ({
      title: `${group}:${name}:{client-id=${clientId}}`,
      text: isWhole ? String(value) : value.toFixed(3),
    }))
    .sort((a, b) => (a.title < b.title ? -1 : 1))
  const width = Math.max(...lines.map(({ title }) => title.length))
  println(io.out, `\n${'Metric Name'.padEnd(width)}   Value`)
  for (const { title, text } of lines) println(io.out, `${title.padEnd(width)} : ${text}`)
}
