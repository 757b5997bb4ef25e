/** A mistake of Connect or of a plugin (org.apache.kafka.connect.errors.ConnectException): fails the task. */
export class ConnectError extends Error {
  override readonly name: string = 'ConnectError'
  readonly exceptionClass: string = 'org.apache.kafka.connect.errors.ConnectException'
}

/** Data that can't be converted or doesn't fit its schema. */
export class DataError extends ConnectError {
  override readonly name: string = 'DataError'
  override readonly exceptionClass: string = 'org.apache.kafka.connect.errors.DataException'
}

/** Data that doesn't fit the schema it is built with. */
export class SchemaBuilderError extends DataError {
  override readonly name = 'SchemaBuilderError'
  override readonly exceptionClass = 'org.apache.kafka.connect.errors.SchemaBuilderException'
}

/** What may work when tried again. */
export class RetriableError extends ConnectError {
  override readonly name = 'RetriableError'
  override readonly exceptionClass = 'org.apache.kafka.connect.errors.RetriableException'
}

/** A field that a transformation is told to use, and that isn't there. */
export class UnknownFieldError extends ConnectError {
  override readonly name = 'UnknownFieldError'
  override readonly exceptionClass = 'java.lang.IllegalArgumentException'
}
