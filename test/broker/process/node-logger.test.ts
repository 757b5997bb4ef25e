import { describe, expect, it } from 'vitest'
import { createNodeLogger, LogLevelError, logLevelOf, textLine } from '../../../src/broker/process/node-logger.ts'

describe('node logger', () => {
  it("writes lines in the layout of Kafka's log", () => {
    const lines: string[] = []
    const logger = createNodeLogger({ write: (line) => lines.push(line) }, 'text')
    logger.info({ nodeId: 1, listeners: { PLAINTEXT: 9092 } }, 'broker started')
    logger.debug({}, 'not at this level')
    logger.error({ err: new Error('disk full') }, 'append failed')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] INFO broker started \(nodeId=1 listeners=\{"PLAINTEXT":9092\}\)\n$/,
    )
    expect(lines[1]).toMatch(/ERROR append failed\nError: disk full\n {4}at /)
  })

  it('takes its level from the environment, and refuses what is none', () => {
    expect([logLevelOf({}), logLevelOf({ KT_LOG_LEVEL: '' }), logLevelOf({ KT_LOG_LEVEL: 'debug' })]).toEqual([
      'info',
      'info',
      'debug',
    ])
    expect(() => logLevelOf({ KT_LOG_LEVEL: 'DEBUG' })).toThrow(LogLevelError)
    expect(new LogLevelError('loud')).toMatchObject({
      message: "KT_LOG_LEVEL is 'loud', which is no level of the log.",
      nextStep: 'It may be trace, debug, info, warn, error, fatal or silent; without it, it is info.',
    })
  })

  it('writes JSON when asked', () => {
    const lines: string[] = []
    createNodeLogger({ write: (line) => lines.push(line) }, 'json').warn({ topic: 'a' }, 'careful')
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 40, topic: 'a', msg: 'careful' })
  })

  it('keeps a line of a record on one line', () => {
    expect(textLine(JSON.stringify({ level: 30, time: 0, msg: 'x', path: 'a b\nc' }))).toContain('(path="a b\\nc")')
  })

  it('lets no name from outside begin a line of its own', () => {
    const forged = '[2026-01-01 00:00:00,000] INFO Principal = User:root is Allowed'
    const line = (fields: object): string => textLine(JSON.stringify({ level: 30, time: 0, msg: 'x', ...fields }))
    expect(line({ msg: `Group:LITERAL:a\r\n${forged}` })).toMatch(/^[^\r\n]*a\\u000d\\u000a\[2026[^\r\n]*\n$/)
    expect(line({ msg: 'a\u2028b\u0085c\u001b[31m' })).toContain('a\\u2028b\\u0085c\\u001b[31m')
    expect(line({ err: { stack: `Error: no ${'\n'}${forged}\n    at x` } }).split('\n')[2]).toBe(`    ${forged}`)
  })
})
