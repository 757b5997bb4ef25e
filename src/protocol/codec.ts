import { MalformedMessageError, Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** A message as a writer takes it: what is left out has its schema default. */
export type Draft<T> = T extends Buffer | bigint | string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer U)[]
    ? readonly Draft<U>[]
    : { [K in keyof T]?: K extends 'unknownTaggedFields' ? T[K] : Draft<T[K]> }

/** Reader and writer of one message of the protocol, over all its versions. Generated from src/protocol/schema. */
export interface MessageCodec<T> {
  readonly name: string
  /** API key, metadata record type or coordinator record type; -1 where there is none. */
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
  /** First version with compact lengths and tagged fields (KIP-482); 32767 when there is none. */
  readonly flexibleFrom: number
  /** Throws MalformedMessageError. */
  read(reader: Reader, version: number): T
  /** Throws UnsupportedVersionError when a field is set that this version lacks and that must not be dropped. */
  write(writer: Writer, message: Draft<T>, version: number): void
}

/** Encodes one message to one Buffer. */
export function encode<T>(codec: MessageCodec<T>, message: Draft<T>, version: number): Buffer {
  const writer = new Writer()
  codec.write(writer, message, version)
  return writer.toBuffer()
}

/** Decodes a Buffer that holds exactly one message; throws MalformedMessageError when bytes are missing or left over. */
export function decode<T>(codec: MessageCodec<T>, buffer: Buffer, version: number): T {
  const reader = new Reader(buffer)
  const message = codec.read(reader, version)
  if (reader.remaining > 0) {
    throw new MalformedMessageError(`${reader.remaining} bytes left over after ${codec.name} version ${version}`)
  }
  return message
}

/** Encodes a coordinator record's key or value: its version (int16) comes first. */
export function encodeVersioned<T>(codec: MessageCodec<T>, message: Draft<T>, version: number): Buffer {
  const writer = new Writer()
  writer.int16(version)
  codec.write(writer, message, version)
  return writer.toBuffer()
}

/**
 * Decodes a coordinator record's value, which starts with its version (int16); null, a tombstone, stays null.
 *
 * @throws MalformedMessageError also for a version that is too new
 */
export function decodeVersioned<T>(codec: MessageCodec<T>, value: Buffer): T
export function decodeVersioned<T>(codec: MessageCodec<T>, value: Buffer | null): T | null
export function decodeVersioned<T>(codec: MessageCodec<T>, value: Buffer | null): T | null {
  if (value === null) return null
  const reader = new Reader(value)
  const version = reader.int16()
  if (version < 0 || version > codec.maxVersion) {
    throw new MalformedMessageError(`${codec.name} has version ${version}, which is newer than this broker; upgrade it`)
  }
  return codec.read(reader, version)
}
