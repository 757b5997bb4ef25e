/** The broker can't start as it is configured; the message says what to do. */
export class BrokerStartError extends Error {
  override name = 'BrokerStartError'
}
