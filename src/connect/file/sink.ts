/** FileStreamSink: the text of each value as a line at the end of a file, or on standard output (org.apache.kafka.connect.file). */
import { type FileHandle, open } from 'node:fs/promises'
import type { Props } from '../api/config.ts'
import type { SinkConnector, SinkTask } from '../api/connector.ts'
import type { SinkPlugin } from '../api/plugin.ts'
import type { SinkRecord } from '../api/record.ts'
import { KAFKA_VERSION } from '../api/version.ts'
import { ConnectError } from '../data/errors.ts'
import { javaText } from '../data/text.ts'
import { FILE, fileConfig } from './configs.ts'

class FileSinkConnector implements SinkConnector {
  #props: Props = {}

  start(props: Props): void {
    this.#props = props
  }

  taskConfigs(maxTasks: number): Props[] {
    return Array.from({ length: maxTasks }, () => this.#props)
  }

  stop(): void {}

  /** The group's offsets are all there is. */
  alterOffsets(): boolean {
    return true
  }
}

class FileSinkTask implements SinkTask {
  #file: FileHandle | null = null

  async start(props: Props): Promise<void> {
    const path = props[FILE]
    if (!path) return
    try {
      this.#file = await open(path, 'a')
    } catch (error) {
      throw new ConnectError(`Couldn't find or create file '${path}' for FileStreamSinkTask`, { cause: error })
    }
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return
    let text = ''
    for (const { valueSchema, value } of records) text += `${javaText(valueSchema, value)}\n`
    if (this.#file) await this.#file.appendFile(text)
    else await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()))
  }

  async stop(): Promise<void> {
    await this.#file?.close()
  }
}

export const fileSinkPlugin: SinkPlugin = {
  type: 'sink',
  className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  version: KAFKA_VERSION,
  configs: [fileConfig('The file to append to; without it standard output.')],
  makeConnector: () => new FileSinkConnector(),
  makeTask: () => new FileSinkTask(),
}
