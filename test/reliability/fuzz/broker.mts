// A broker in a process of its own, on the data directory and with the properties (JSON) given: logs to stdout, says which port each listener
// has (`ports={…}`), and ends with its stdin.
import { Broker } from '../../../src/broker/broker.ts'
import { formatLogDirs } from '../../../src/broker/controller/format.ts'
import { createNodeLogger } from '../../../src/broker/process/node-logger.ts'
import { BrokerConfig } from '../../../src/config/broker-config.ts'
import { defaultEmbeddedProperties } from '../../../src/config/embedded-config.ts'

const [dataDir = '', overrides = '{}'] = process.argv.slice(2)
const properties = defaultEmbeddedProperties({
  port: 0,
  dataDir,
  overrides: JSON.parse(overrides) as Record<string, string>,
})
const config = BrokerConfig.fromProperties(properties)
formatLogDirs({ config, clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', quorum: { kind: 'standalone' }, nowMs: 0 })
const logger = createNodeLogger({ write: (line: string) => process.stdout.write(line) }, 'text')
const broker = await Broker.start({ config, logger })
const names = [...config.topology.listeners].map(({ listener }) => listener)
const ports = Object.fromEntries(names.map((name) => [name, broker.listenerPort(name)]))
process.stdout.write(`ports=${JSON.stringify(ports)}\n`)
process.stdin.resume().once('end', () => {
  broker.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
