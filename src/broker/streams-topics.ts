import type { Clock } from '../base/clock.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { Controller } from './controller/controller.ts'
import type { InternalTopic } from './group/streams/configured-topology.ts'
import type { Logger } from './logger.ts'

/** Failures remembered at a time; beyond that the oldest is forgotten, and the topic tried again. */
const MAX_FAILURES = 1000

/**
 * Makes the repartition and changelog topics that streams groups need, in the background: a group's members hear in their
 * next heartbeat that they are there, or why not.
 */
export class StreamsTopics {
  readonly #controller: Controller
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #underWay = new Set<string>()
  readonly #failures = new Map<string, { readonly message: string; readonly untilMs: number }>()

  constructor(controller: Controller, clock: Clock, logger: Logger) {
    this.#controller = controller
    this.#clock = clock
    this.#logger = logger
  }

  /** Starts making topics, but none that is being made or failed less than `retryMs` ago. */
  create(topics: readonly InternalTopic[], retryMs: number): void {
    for (const topic of topics) {
      const { name } = topic
      if (this.#underWay.has(name) || this.failure(name) !== undefined) continue
      this.#underWay.add(name)
      this.#createNow(topic)
        .catch((error: unknown) => this.#failed(name, error, retryMs))
        .finally(() => this.#underWay.delete(name))
    }
  }

  /** Why a topic could not be made lately. */
  failure(name: string): string | undefined {
    const failure = this.#failures.get(name)
    if (failure === undefined) return undefined
    if (failure.untilMs > this.#clock.nowMs()) return failure.message
    this.#failures.delete(name)
    return undefined
  }

  async #createNow({ name, numPartitions, replicationFactor, configs }: InternalTopic): Promise<void> {
    await this.#controller.createTopic({
      name,
      numPartitions,
      replicationFactor: replicationFactor === 0 ? -1 : replicationFactor,
      assignments: new Map(),
      configs,
    })
    this.#logger.info({ topic: name, numPartitions }, "a streams group's topic was created")
  }

  #failed(name: string, error: unknown, retryMs: number): void {
    this.#logger.warn({ topic: name, err: error }, "a streams group's topic could not be created")
    const message = error instanceof KafkaError ? error.message : 'The topic could not be created.'
    this.#failures.delete(name)
    this.#failures.set(name, { message, untilMs: this.#clock.nowMs() + retryMs })
    if (this.#failures.size > MAX_FAILURES) this.#failures.delete(this.#failures.keys().next().value!)
  }
}
