/**
 * The errors of configuration: wrong values, unknown names, impossible combinations.
 * Their texts are Kafka's own, since scripts and people look for them.
 */

/** Which protocol error a broker answers a refused configuration with. */
export type ConfigErrorName = 'INVALID_CONFIG' | 'INVALID_REQUEST'

const CONFIG_EXCEPTION = 'org.apache.kafka.common.config.ConfigException'
const INVALID_CONFIGURATION_EXCEPTION = 'org.apache.kafka.common.errors.InvalidConfigurationException'
const INVALID_REQUEST_EXCEPTION = 'org.apache.kafka.common.errors.InvalidRequestException'

/** A refused configuration. */
export class ConfigError extends Error {
  /** The Java class Kafka's tools would name, with package. */
  readonly exceptionClass: string
  /** The protocol error for a client that asked for this configuration: INVALID_CONFIG is 40, INVALID_REQUEST 42. */
  readonly errorName: ConfigErrorName

  constructor(
    message: string,
    exceptionClass: string = CONFIG_EXCEPTION,
    errorName: ConfigErrorName = 'INVALID_CONFIG',
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'ConfigError'
    this.exceptionClass = exceptionClass
    this.errorName = errorName
  }
}

/**
 * @param value the refused value as Kafka prints it
 * @param reason what is wrong with it; without it only name and value are named
 */
export function invalidValue(name: string, value: string | null, reason?: string): ConfigError {
  const tail = reason === undefined ? '' : `: ${reason}`
  return new ConfigError(`Invalid value ${value} for configuration ${name}${tail}`)
}

/** A broken requirement between configs; Kafka reports it as an IllegalArgumentException. */
export function failedRequirement(message: string): ConfigError {
  return new ConfigError(`requirement failed: ${message}`, 'java.lang.IllegalArgumentException')
}

/** An argument Kafka refuses with a bare IllegalArgumentException. */
export function illegalArgument(message: string): ConfigError {
  return new ConfigError(message, 'java.lang.IllegalArgumentException')
}

/** A configuration of a topic, group or client-metrics subscription that the broker refuses (INVALID_CONFIG). */
export function invalidConfiguration(message: string): ConfigError {
  return new ConfigError(message, INVALID_CONFIGURATION_EXCEPTION)
}

/** The same error as a broker would answer it: text kept, class and code of the answer. */
export function asAnswer(error: unknown, errorName: ConfigErrorName): unknown {
  if (!(error instanceof ConfigError) || error.exceptionClass === INVALID_CONFIGURATION_EXCEPTION) return error
  const exceptionClass = errorName === 'INVALID_CONFIG' ? INVALID_CONFIGURATION_EXCEPTION : INVALID_REQUEST_EXCEPTION
  return new ConfigError(error.message, exceptionClass, errorName, { cause: error })
}

/** Runs a validation; what it refuses is thrown as the broker would answer it. */
export function answering<T>(errorName: ConfigErrorName, validate: () => T): T {
  try {
    return validate()
  } catch (error) {
    throw asAnswer(error, errorName)
  }
}
