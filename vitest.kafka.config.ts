import { defineConfig } from 'vitest/config'

if (!process.env.KAFKA_HOME) throw new Error('KAFKA_HOME has to name the folder of a Kafka 4.3 distribution.')

/**
 * `npm run on-kafka`: tests that take any broker, on a real Kafka 4.3 (KAFKA_HOME) instead of the embedded one. Each file, or each
 * test where it says so, starts a node of its own.
 */
export default defineConfig({
  test: {
    include: ['bounded', 'bounded-share', 'formats', 'lag-and-doctor', 'profiles', 'undo', 'documents'].map(
      (name) => `test/integration/${name}.test.ts`,
    ),
    env: { KT_TEST_BROKER: 'kafka' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
