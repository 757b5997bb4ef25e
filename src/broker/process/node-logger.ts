/** The log of a broker process: pino's levels and fields, as lines in the layout of Kafka's own log or as JSON. */
import { pino } from 'pino'
import type { Logger } from '../logger.ts'
import type { LogDestination } from './rotating-file.ts'

/** How lines look: `text` as Apache Kafka's server.log, `json` one object a line. */
export type LogFormat = 'text' | 'json'

/** pino's levels, by which lines are chosen. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-11-22 12:10:00,123`, local time, as log4j writes it. */
function timestamp(ms: number): string {
  const date = new Date(ms)
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : (JSON.stringify(value) ?? 'undefined')
}

/** Names in messages come from clients: with their control characters written out they can't begin a line of their own. */
function onOneLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Every line but the first is indented, as the frames are: a message in it can't look like a line of the log. */
function indented(stack: string): string {
  return stack
    .split('\n')
    .map((line, i) => (i === 0 || line.startsWith('    ') ? line : `    ${line}`))
    .map(onOneLine)
    .join('\n')
}

/** One line of pino's JSON as text: `[time] LEVEL message (key=value …)`, an error's stack on lines of its own. */
export function textLine(json: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown> & {
    err?: { stack?: string }
  }
  const extra = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`)
  const tail = extra.length === 0 ? '' : ` (${extra.join(' ')})`
  const stack = err?.stack === undefined ? '' : `${indented(err.stack)}\n`
  return `[${timestamp(Number(time))}] ${LEVELS[Number(level)] ?? 'INFO'} ${onOneLine(String(msg ?? ''))}${tail}\n${stack}`
}

/**
 * A logger that writes to `destination` at once, so that the last lines before a crash are there.
 * @param level pino's level name; 'info' unless given
 */
export function createNodeLogger(destination: LogDestination, format: LogFormat, level: LogLevel = 'info'): Logger {
  const stream = format === 'json' ? destination : { write: (line: string) => destination.write(textLine(line)) }
  return pino({ base: null, level }, stream)
}

/** KT_LOG_LEVEL has a value that is no level. */
export class LogLevelError extends Error {
  override name = 'LogLevelError'
  readonly nextStep = `It may be ${LOG_LEVELS.slice(0, -1).join(', ')} or ${LOG_LEVELS.at(-1)}; without it, it is info.`

  constructor(value: string) {
    super(`KT_LOG_LEVEL is '${value}', which is no level of the log.`)
  }
}

/**
 * The level KT_LOG_LEVEL asks for; `info` without it.
 * @throws LogLevelError
 */
export const logLevelOf = (env: Readonly<Record<string, string | undefined>>): LogLevel => {
  const value = env.KT_LOG_LEVEL || 'info'
  const level = LOG_LEVELS.find((known) => known === value)
  if (level === undefined) throw new LogLevelError(value)
  return level
}

/** The format KT_LOG_FORMAT asks for; text unless it is `json`. */
export const logFormatOf = (env: Readonly<Record<string, string | undefined>>): LogFormat =>
  env.KT_LOG_FORMAT === 'json' ? 'json' : 'text'
