/**
 * Who is refused what, and how, next to Apache Kafka: sends every request as users of different rights to both brokers, and prints the
 * answers that differ. `node --import tsx test/interop/authorization.ts PLAINTEXT_PORT SASL_PORT [--record]`
 *
 * The ports are those of a fresh Kafka with StandardAuthorizer, super.users=User:ANONYMOUS, delegation.token.secret.key, and a listener of
 * SASL PLAIN with the users u0, u1 … of RIGHTS, all with password x. With --record, Kafka's answers become what
 * test/broker/authorizer/kafka-answers.test.ts expects.
 */
import { writeFileSync } from 'node:fs'
import { ownBroker, questions, RIGHTS, Side } from '../broker/authorizer/rights-matrix.ts'

const ANSWERS = new URL('../broker/authorizer/kafka-answers.json', import.meta.url)

async function main([plainPort, saslPort, record]: string[]): Promise<number> {
  const broker = await ownBroker()
  const own = new Side('kt', broker.port, broker.broker.listenerPort('SASL'))
  const real = new Side('Kafka', Number(plainPort), Number(saslPort))
  const asked = questions()
  /** By request, then by answer: the users who get it. */
  const recorded: Record<string, Record<string, number[]>> = {}
  let different = 0
  try {
    await Promise.all([own.prepare(), real.prepare()])
    for (const { api, version, user } of asked) {
      const [mine, theirs] = await Promise.all([own.ask(user, api, version), real.ask(user, api, version)])
      const { name } = api.request
      recorded[name] ??= {}
      recorded[name][theirs] ??= []
      recorded[name][theirs].push(user)
      if (mine === theirs) continue
      different++
      const rights = RIGHTS[user]!.map((right) => right.join(' ')).join(', ') || 'nothing'
      console.log(`${name} v${version}, u${user} (${rights})\n  kt:    ${mine}\n  Kafka: ${theirs}`)
    }
  } finally {
    own.close()
    real.close()
    await broker.stop()
  }
  if (record === '--record') writeFileSync(ANSWERS, `${JSON.stringify(recorded, null, 1)}\n`)
  console.log(`${asked.length} answers compared, ${different} differ`)
  return different === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
