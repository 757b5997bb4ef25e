import { defineConfig } from 'vitest/config'

/** The suites that need real Kafka scripts, or minutes: `npm run golden`, `npm run reliability`. */
export default defineConfig({
  test: {
    include: ['test/golden/**/*.test.ts', 'test/reliability/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
