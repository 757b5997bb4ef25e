/** What Kafka's own plugins call their version. */
export const KAFKA_VERSION = '4.3.0'
