/** Kafka's limit on the length of a topic's name. */
const maxLength = 249

/** A name no topic can have. */
export class TopicNameError extends Error {
  override name = 'TopicNameError'
  readonly exceptionClass = 'org.apache.kafka.common.errors.InvalidTopicException'
}

/**
 * Kafka's Topic.validate.
 * @throws TopicNameError with Kafka's message
 */
export const checkTopicName = (name: string): void => {
  const fail = (what: string): never => {
    throw new TopicNameError(`Topic name is invalid: ${what}`)
  }
  if (name === '') fail('the empty string is not allowed')
  if (name === '.' || name === '..') fail(`'${name}' is not allowed`)
  if (name.length > maxLength) {
    fail(`the length of '${name}' is longer than the max allowed length ${maxLength}`)
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    fail(`'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`)
  }
}
