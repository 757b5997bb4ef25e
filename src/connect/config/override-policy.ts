/** Which client configs a connector may override (KIP-458). */
import type { Props } from '../api/config.ts'

const PREFIX = /^(producer|consumer|admin)\.override\.(.+)$/
const PRINCIPAL = /^(?:sasl\.jaas\.config|sasl\.mechanism|security\.protocol)$/

/** Class names and aliases, as Kafka has them. */
const policyName = (policy: string): string =>
  policy.slice(policy.lastIndexOf('.') + 1).replace(/ConnectorClientConfigOverridePolicy$/, '')

/** The errors of override configs that the policy doesn't let through: [config, error]. */
export const overrideErrors = (policy: string, props: Props): [string, string][] => {
  const name = policyName(policy)
  return Object.keys(props).flatMap((config): [string, string][] => {
    const [, , key] = PREFIX.exec(config) ?? []
    if (key === undefined || name === 'All' || (name === 'Principal' && PRINCIPAL.test(key))) return []
    if (name === 'None' || name === 'Principal') {
      return [[config, `The '${name}' policy does not allow '${key}' to be overridden in the connector configuration.`]]
    }
    return [[config, `kt has no override policy ${policy}; there are All, None and Principal.`]]
  })
}
