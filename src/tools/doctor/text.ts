import type { Hop, HopName } from '../../client/diagnosis/hop.ts'
import type { Row } from '../shared/structured.ts'

/** What a hop is called. */
export const titles: Readonly<Record<HopName, string>> = {
  embedded: 'Embedded',
  settings: 'Settings',
  dns: 'DNS',
  tcp: 'TCP',
  tls: 'TLS',
  kafka: 'Kafka',
  sasl: 'SASL',
  cluster: 'Cluster',
  advertised: 'Advertised',
  rights: 'Rights',
}

const sgr: Readonly<Record<Hop['status'], number>> = { ok: 32, failed: 31, skipped: 2 }

const paint = (text: string, code: number, colour: boolean): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text)

const timeText = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`)

/** The lines of a hop: how it went, and of a failure the cause and what mends it. */
export const hopLines = (hop: Hop, colour: boolean): string[] => {
  const { status, target, detail, tookMs, cause, nextStep } = hop
  const mark = paint(status.padEnd(7), sgr[status], colour)
  const time = status === 'skipped' ? '' : ` (${timeText(tookMs)})`
  const lines = [`${mark}  ${titles[hop.hop].padEnd(10)}  ${target}: ${detail}${time}`]
  if (status !== 'failed') return lines
  if (cause) lines.push(`         Likely: ${cause}`)
  if (nextStep) lines.push(`         Next:   ${nextStep}`)
  return lines
}

/** The last line: what to look at first. */
export const verdictLine = (hops: readonly Hop[]): string => {
  const failed = hops.filter(({ status }) => status === 'failed')
  const first = failed[0]
  if (first) {
    const more = failed.length > 1 ? `, and ${failed.length - 1} more` : ''
    return `The first hop that fails: ${titles[first.hop]} (${first.target})${more}.`
  }
  const unknown = hops.some(({ status, detail }) => status === 'skipped' && detail.startsWith('no time'))
  return unknown ? 'Not all could be looked at in time.' : 'All is well.'
}

/** A hop for programs. */
export const hopRow = ({ hop, target, status, tookMs, detail, cause, nextStep }: Hop): Row => ({
  ...{ hop, target, status, tookMs, detail, cause, nextStep },
})
