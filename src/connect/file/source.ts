/** FileStreamSource: each line of a file, or of standard input, becomes a record (org.apache.kafka.connect.file). */
import type { Props } from '../api/config.ts'
import type { SourceConnector, SourceConnectorContext } from '../api/connector.ts'
import type { SourcePlugin } from '../api/plugin.ts'
import type { OffsetMap } from '../api/record.ts'
import { KAFKA_VERSION } from '../api/version.ts'
import { nonEmptyString, PluginConfig } from '../config/plugin-config.ts'
import { ConnectError } from '../data/errors.ts'
import { BATCH_SIZE, DEFAULT_BATCH_SIZE, FILE, fileConfig, TOPIC } from './configs.ts'
import { FILENAME, FileSourceTask, POSITION } from './source-task.ts'

const checkOffset = (partition: OffsetMap, offset: OffsetMap | null): void => {
  if (!(FILENAME in partition)) throw new ConnectError(`Partition objects should contain the key '${FILENAME}'`)
  if (offset === null) return
  const position = offset[POSITION]
  if (position === undefined) {
    throw new ConnectError(`Offset objects should either be null or contain the key '${POSITION}'`)
  }
  const isInteger = typeof position === 'bigint' || (typeof position === 'number' && Number.isInteger(position))
  if (!isInteger)
    throw new ConnectError(`The value for the '${POSITION}' key in the offset is expected to be a Long value`)
  if (position < 0)
    throw new ConnectError(`The value for the '${POSITION}' key in the offset should be a non-negative value`)
}

class FileSourceConnector implements SourceConnector {
  #props: Props = {}

  start(props: Props, _context: SourceConnectorContext): void {
    this.#props = props
    new PluginConfig(fileSourcePlugin.configs, props)
  }

  /** There is one file, so there is one task. */
  taskConfigs(): Props[] {
    return [this.#props]
  }

  stop(): void {}

  /** Lines of a file can be read again from any position, those of standard input can't. */
  exactlyOnceSupport(props: Props): 'SUPPORTED' | 'UNSUPPORTED' {
    return props[FILE] ? 'SUPPORTED' : 'UNSUPPORTED'
  }

  alterOffsets(props: Props, offsets: readonly (readonly [OffsetMap, OffsetMap | null])[]): boolean {
    if (!props[FILE]) {
      throw new ConnectError(
        "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.",
      )
    }
    for (const [partition, offset] of offsets) checkOffset(partition, offset)
    return true
  }
}

export const fileSourcePlugin: SourcePlugin = {
  type: 'source',
  className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  version: KAFKA_VERSION,
  configs: [
    fileConfig('The file to read; without it standard input.'),
    {
      name: TOPIC,
      type: 'STRING',
      importance: 'HIGH',
      documentation: 'The topic to write to.',
      validator: nonEmptyString,
    },
    {
      name: BATCH_SIZE,
      type: 'INT',
      defaultValue: DEFAULT_BATCH_SIZE,
      importance: 'LOW',
      documentation: 'How many lines are read at a time, at most.',
    },
  ],
  makeConnector: () => new FileSourceConnector(),
  makeTask: () => new FileSourceTask(),
}
