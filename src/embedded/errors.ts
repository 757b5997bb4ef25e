/** The embedded broker could not be started, found or stopped; `nextStep` says what to do. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError'
  readonly nextStep: string

  constructor(message: string, nextStep = '', options?: ErrorOptions) {
    super(message, options)
    this.nextStep = nextStep
  }
}
