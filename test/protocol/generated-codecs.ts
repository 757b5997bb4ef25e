import { readdirSync } from 'node:fs'
import { encode, type MessageCodec } from '../../src/protocol/codec.ts'
import { loadSchemas, SchemaInterpreter, type StructValue, versionsOf } from './schema-interpreter.ts'

/** A message with its generated codec and its interpreter. */
export interface MessageUnderTest {
  name: string
  versions: number[]
  codec: MessageCodec<StructValue>
  oracle: SchemaInterpreter
}

/** Every message of the schema; throws when one has no generated codec, or a codec no schema. */
export async function loadMessages(): Promise<MessageUnderTest[]> {
  const folder = new URL('../../src/protocol/generated/', import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const codecs = new Map<string, MessageCodec<StructValue>>()
  for (const file of files) {
    const module = (await import(new URL(file, folder).href)) as Record<string, unknown>
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === 'object' && value !== null && 'flexibleFrom' in value)
        codecs.set(name, value as MessageCodec<StructValue>)
    }
  }
  const messages = loadSchemas().map((schema) => {
    const codec = codecs.get(schema.name)
    if (!codec) throw new Error(`no generated codec for ${schema.name}`)
    codecs.delete(schema.name)
    return { name: schema.name, versions: versionsOf(schema), codec, oracle: new SchemaInterpreter(schema) }
  })
  if (codecs.size > 0) throw new Error(`codecs without schema: ${[...codecs.keys()].join(', ')}`)
  return messages
}

/** Encodes with a generated codec a value whose type only the schema knows. */
export const encodeValue = (codec: MessageCodec<StructValue>, value: StructValue, version: number): Buffer =>
  encode(codec, value as never, version)
