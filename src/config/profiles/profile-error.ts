/** What is wrong with a profile, its file or a secret it refers to; never holds a secret. */
export class ProfileError extends Error {
  override name = 'ProfileError'
  readonly nextStep: string | undefined

  constructor(message: string, nextStep?: string, options?: ErrorOptions) {
    super(message, options)
    this.nextStep = nextStep
  }
}
