import { ConnectError } from '../data/errors.ts'

/** A request that can't be met; `status` is that of the REST API's answer. */
export class RequestError extends ConnectError {
  override readonly name: string = 'RequestError'
  readonly status: number

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

export const notFound = (message: string): RequestError => new RequestError(404, message)
export const badRequest = (message: string): RequestError => new RequestError(400, message)
