import type { Principal } from '../../client/security-types.ts'

/**
 * Kafka's SecurityUtils.parseKafkaPrincipal: `type:name`.
 * @throws Error with Kafka's message
 */
export const parsePrincipal = (text: string): Principal => {
  if (text === '') {
    throw new Error(`expected a string in format principalType:principalName but got ${text}`)
  }
  const colon = text.indexOf(':')
  if (colon < 0) throw new Error(`expected a string in format principalType:principalName but got ${text}`)
  return { type: text.slice(0, colon), name: text.slice(colon + 1) }
}

/** A principal as Kafka writes it. */
export const principalText = ({ type, name }: Principal): string => `${type}:${name}`
