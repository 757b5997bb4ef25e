/** Kafka's zero uuid in its text form: 22 characters of base64url. It stands for "none" on the wire. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
