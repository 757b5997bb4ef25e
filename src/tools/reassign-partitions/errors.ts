/** A complaint that Kafka's tool prints as it is, without "Error: " before it. */
export class TerseError extends Error {
  override name = 'TerseError'
}
