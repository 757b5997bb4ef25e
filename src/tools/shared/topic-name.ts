/** Kafka's limit on the length of a topic's name. */
const maxLength = 249

/**
 * Kafka's Topic.validate.
 * @throws Error with Kafka's message
 */
export const checkTopicName = (name: string): void => {
  const fail = (what: string): never => {
    throw Object.assign(new Error(`Topic name is invalid: ${what}`), {
      exceptionClass: 'org.apache.kafka.common.errors.InvalidTopicException',
    })
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
