import type { ArgparseValues } from '../../cli/argparse.ts'
import { type Io, println } from '../../cli/io.ts'
import type { BrokerConfig } from '../../config/broker-config.ts'
import { loadFormat } from '../../embedded/storage-format.ts'

type Format = Awaited<ReturnType<typeof loadFormat>>
type Credential = Parameters<
  NonNullable<NonNullable<Parameters<Format['formatLogDirs']>[1]>['onStart']>
>[0]['credentials'][number]
type Quorum = Parameters<Format['formatLogDirs']>[0]['quorum']

const quorumOf = (values: ArgparseValues, config: BrokerConfig, { parseInitialVoters }: Format): Quorum => {
  const { topology } = config
  const hasVoters = topology.quorumVoters.length > 0
  if (values.has('standalone') && !topology.isController())
    throw new Error('You can only use --standalone on a controller.')
  if (hasVoters && (values.has('standalone') || values.has('initial-controllers'))) {
    throw new Error(
      'You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. If you want to use dynamic quorum, please remove controller.quorum.voters and specify controller.quorum.bootstrap.servers instead.',
    )
  }
  if (values.has('standalone')) return { kind: 'standalone' }
  const initial = values.text('initial-controllers')
  if (initial !== undefined) return { kind: 'initial', voters: parseInitialVoters(initial) }
  if (values.has('no-initial-controllers')) return { kind: hasVoters ? 'static' : 'none' }
  if (!hasVoters && topology.isController()) {
    throw new Error(
      'Because controller.quorum.voters is not set on this controller, you must specify one of the following: --standalone, --initial-controllers, or --no-initial-controllers.',
    )
  }
  return { kind: 'static' }
}

const featuresOf = (texts: readonly string[]): Map<string, number> =>
  new Map(
    texts.map((text) => {
      const equals = text.indexOf('=')
      if (equals < 0) throw new Error(`Can't parse feature=level string ${text}: equals sign not found.`)
      const level = text.slice(equals + 1).trim()
      if (!/^-?\d+$/.test(level))
        throw new Error(`Can't parse feature=level string ${text}: unable to parse ${level} as a short.`)
      return [text.slice(0, equals).trim(), Number(level)]
    }),
  )

const bytesText = (bytes: Buffer): string => `[${[...new Int8Array(bytes)].join(', ')}]`

const bootstrapText = (levels: readonly (readonly [string, number])[], credentials: readonly Credential[]): string => {
  const records = levels.map(
    ([name, level]) => `ApiMessageAndVersion(FeatureLevelRecord(name='${name}', featureLevel=${level}) at version 0)`,
  )
  for (const { name, mechanism, salt, storedKey, serverKey, iterations } of credentials) {
    const keys = `salt=${bytesText(salt)}, storedKey=${bytesText(storedKey)}, serverKey=${bytesText(serverKey)}`
    records.push(
      `ApiMessageAndVersion(UserScramCredentialRecord(name='${name}', mechanism=${mechanism}, ${keys}, iterations=${iterations}) at version 0)`,
    )
  }
  return `Bootstrap metadata: BootstrapMetadata(records=[${records.join(', ')}], metadataVersionLevel=${levels[0]![1]}, source=format command)`
}

/** `kafka-storage format`: prepares the log directories of a node. Throws Error with Kafka's message. */
export const format = async (config: BrokerConfig, values: ArgparseValues, io: Io): Promise<number> => {
  const library = await loadFormat()
  const release = values.text('release-version')
  const result = library.formatLogDirs(
    {
      config,
      clusterId: values.text('cluster-id')!,
      quorum: quorumOf(values, config, library),
      ignoreFormatted: values.has('ignore-formatted'),
      ...(release === undefined ? {} : { metadataVersion: library.metadataVersionLevel(release, true) }),
      features: featuresOf(values.list('feature')),
      scram: values.list('add-scram'),
      nowMs: Date.now(),
    },
    {
      onStart: ({ bootstrapLevels, credentials }) => println(io.out, bootstrapText(bootstrapLevels, credentials)),
      onDirectory: (directory, kind, version) =>
        println(io.out, `Formatting ${kind} ${directory} with metadata.version ${version}.`),
    },
  )
  if (result.formatted.length === 0) println(io.out, 'All of the log directories are already formatted.')
  return 0
}
