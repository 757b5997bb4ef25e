/** Collects the partitions of a response by topic, in order of their first mention. */
export class ResponseTopics<Partition> {
  readonly #topics = new Map<string, { name: string; topicId: string; partitions: Partition[] }>()

  /** `name` and `topicId` as the request had them: one of them is the default, depending on the version. */
  add(name: string, topicId: string, partition: Partition): void {
    const key = `${topicId}${name}`
    const topic = this.#topics.get(key) ?? { name, topicId, partitions: [] }
    topic.partitions.push(partition)
    this.#topics.set(key, topic)
  }

  list(): { name: string; topicId: string; partitions: Partition[] }[] {
    return [...this.#topics.values()]
  }
}
