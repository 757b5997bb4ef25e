// A broker in a process of its own: prints its port, ends with its stdin.
import { Broker } from '../../src/broker/broker.ts'
import { formatLogDirs } from '../../src/broker/controller/format.ts'
import { keepYoungHeapSmall } from '../../src/broker/process/young-heap.ts'
import { BrokerConfig } from '../../src/config/broker-config.ts'
import { defaultEmbeddedProperties } from '../../src/config/embedded-config.ts'

keepYoungHeapSmall()
const [dataDir = ''] = process.argv.slice(2)
const config = BrokerConfig.fromProperties(defaultEmbeddedProperties({ port: 0, dataDir, overrides: {} }))
formatLogDirs({ config, clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', quorum: { kind: 'standalone' }, nowMs: 0 })
const broker = await Broker.start({ config })
process.stdout.write(`${broker.listenerPort('PLAINTEXT')}\n`)
process.stdin.resume().once('end', () => {
  broker.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
