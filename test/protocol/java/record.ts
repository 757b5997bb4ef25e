/**
 * Compares the generated codecs with Kafka's own classes over every message and version, and records some of the bytes in
 * java-bytes.json for the tests. By hand, with a Kafka distribution: `npx tsx test/protocol/java/record.ts <kafka>/libs`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { encodeValue, loadMessages } from '../generated-codecs.ts'
import { fitsKafkaJson, toKafkaJson } from '../kafka-json.ts'
import { messageValues } from '../message-values.ts'

const RECORDED = new Set([
  'ApiVersionsResponse',
  'ConsumerGroupHeartbeatResponse',
  'ConsumerProtocolSubscription',
  'CreateTopicsRequest',
  'CreateTopicsResponse',
  'DescribeConfigsResponse',
  'FetchRequest',
  'GroupMetadataValue',
  'JoinGroupRequest',
  'ListOffsetsResponse',
  'MetadataResponse',
  'OffsetCommitRequest',
  'OffsetFetchResponse',
  'PartitionRecord',
  'RegisterBrokerRecord',
  'RequestHeader',
  'TransactionLogValue',
  'VoteRequest',
])

function encodeInJava(libs: string, lines: string[]): string[] {
  const classes = mkdtempSync(join(tmpdir(), 'kt-java-'))
  try {
    const source = fileURLToPath(new URL('EncodeJson.java', import.meta.url))
    execFileSync('javac', ['-cp', `${libs}/*`, '-d', classes, source], { stdio: 'inherit' })
    const out = execFileSync('java', ['-cp', `${classes}:${libs}/*`, 'EncodeJson', libs], {
      input: `${lines.join('\n')}\n`,
      maxBuffer: 1 << 30,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    return out.trimEnd().split('\n')
  } finally {
    rmSync(classes, { recursive: true })
  }
}

async function main(libs: string): Promise<void> {
  const cases: { message: string; version: number; json: string; hex: string }[] = []
  for (const { name, versions, codec, oracle } of await loadMessages()) {
    for (const version of versions) {
      const values = fc
        .sample(messageValues(oracle, version, 'fitting'), { numRuns: 40, seed: 7 })
        .filter(fitsKafkaJson)
      for (const value of values.slice(0, 8)) {
        const hex = encodeValue(codec, value, version).toString('hex')
        cases.push({ message: name, version, json: toKafkaJson(oracle, value, version), hex })
      }
    }
  }
  const lines = cases.map(
    ({ message, version, json }) => `{"message":"${message}","version":${version},"value":${json}}`,
  )
  const answers = encodeInJava(libs, lines)
  const seen = new Map<string, number>()
  const recorded: string[] = []
  const unsupported = new Set<string>()
  let same = 0
  for (const [index, { message, version, json, hex }] of cases.entries()) {
    const answer = answers[index] ?? '- nothing'
    if (answer === hex) same++
    else if (answer.startsWith('- ')) unsupported.add(`${message}: ${answer.slice(2, 150)}`)
    else console.error(`differs: ${message} version ${version}\n  ${json}\n  Java ${answer}\n  kt   ${hex}`)
    const key = `${message}-${version}`
    const count = seen.get(key) ?? 0
    const worth = answer === hex && hex.length > 20 && hex.length < 700 && count < 1
    if (RECORDED.has(message) && worth) {
      seen.set(key, count + 1)
      recorded.push(JSON.stringify({ message, version, value: json, hex }))
    }
  }
  for (const line of unsupported) console.error(`not compared: ${line}`)
  console.error(`${same} of ${cases.length} the same, ${recorded.length} recorded`)
  writeFileSync(new URL('java-bytes.json', import.meta.url), `[\n${recorded.join(',\n')}\n]\n`)
}

await main(process.argv[2] ?? 'libs')
