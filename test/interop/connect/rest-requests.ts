/** A request to both workers; the answers have to be alike unless `differs` says why they are not. */
export interface Comparison {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** Why kt answers something else. */
  readonly differs?: string
  /** What has to have come true first, in the answer to a GET of `at`. */
  readonly when?: { readonly at: string; readonly has: string }
}

const SOURCE = 'FileStreamSource'
const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector'
const JAVA_MISHAP = "Java's answer is an exception of its own code"
const MORE_CONFIGS = 'kt has no configs of plugin versions and of exactly-once'

const get = (path: string, more: Partial<Comparison> = {}): Comparison => ({ method: 'GET', path, ...more })
const put = (path: string, body?: unknown, more: Partial<Comparison> = {}): Comparison => ({
  method: 'PUT',
  path,
  body,
  ...more,
})
const post = (path: string, body?: unknown, more: Partial<Comparison> = {}): Comparison => ({
  method: 'POST',
  path,
  body,
  ...more,
})
const patch = (path: string, body: unknown): Comparison => ({ method: 'PATCH', path, body })
const remove = (path: string): Comparison => ({ method: 'DELETE', path })
const position = (filename: string, at: number) => ({
  offsets: [{ partition: { filename }, offset: { position: at } }],
})
const sinkOffset = (partition: unknown, offset: unknown) => ({ offsets: [{ partition, offset }] })
const when = (at: string, has: string) => ({ when: { at, has } })

const ofSource = (topic: string, dir: string): Comparison[] => [
  get('/'),
  get('/health'),
  get('/connectors', when('/connectors/src/offsets', '"position":18')),
  get('/connectors?expand=info&expand=status'),
  get('/connectors?expand=nonsense'),
  get('/connectors/src'),
  get('/connectors/none'),
  get('/connectors/src/config'),
  get('/connectors/src/status'),
  get('/connectors/none/status'),
  get('/connectors/src/tasks'),
  get('/connectors/src/tasks/0/status'),
  get('/connectors/src/tasks/7/status'),
  get('/connectors/src/tasks/x/status'),
  get('/connectors/src/topics', when('/connectors/src/topics', topic)),
  put('/connectors/src/topics/reset'),
  get('/connectors/src/offsets'),
  patch('/connectors/src/offsets', position('x', 1)),
  remove('/connectors/src/offsets'),
  put('/connectors/src/pause'),
  get('/connectors/src/status', when('/connectors/src/tasks/0/status', 'PAUSED')),
  put('/connectors/src/resume'),
  put('/connectors/none/pause'),
  put('/connectors/none/stop', undefined, { differs: JAVA_MISHAP }),
  post('/connectors/none/restart', undefined, { differs: JAVA_MISHAP }),
  post('/connectors/src/restart'),
  post('/connectors/none/restart?includeTasks=true'),
  post('/connectors/src/tasks/0/restart'),
  put('/connectors/src/stop'),
  get('/connectors/src/status'),
  patch('/connectors/src/offsets', position(`${dir}/in.txt`, 9)),
  get('/connectors/src/offsets'),
  patch('/connectors/src/offsets', position('x', -1)),
  patch('/connectors/src/offsets', { offsets: [{ partition: { nope: 'x' }, offset: { position: 1 } }] }),
  patch('/connectors/src/offsets', { offsets: [] }),
  remove('/connectors/src/offsets'),
  get('/connectors/src/offsets'),
  put('/connectors/src/resume'),
]

const ofSink = (topic: string, dir: string): Comparison[] => {
  const tp = { kafka_topic: topic, kafka_partition: 0 }
  return [
    put('/connectors/sink/config', {
      'connector.class': SINK,
      topics: topic,
      file: `${dir}/out.txt`,
      // Both workers have a connector of this name.
      'consumer.override.group.id': topic,
    }),
    get('/connectors/sink/status', when('/connectors/sink/offsets', 'kafka_offset')),
    get('/connectors/sink/tasks'),
    put('/connectors/sink/stop'),
    patch('/connectors/sink/offsets', sinkOffset(tp, { kafka_offset: 1 })),
    patch('/connectors/sink/offsets', sinkOffset({ kafka_topic: topic }, { kafka_offset: 0 })),
    patch('/connectors/sink/offsets', sinkOffset({ ...tp, kafka_partition: 'a' }, { kafka_offset: 0 })),
    patch('/connectors/sink/offsets', sinkOffset(tp, { kafka_offset: 'z' })),
    patch('/connectors/sink/offsets', sinkOffset(tp, { kafka: 1 })),
    get('/connectors/sink/offsets'),
    remove('/connectors/sink/offsets'),
    get('/connectors/sink/offsets'),
    remove('/connectors/sink'),
    remove('/connectors/sink'),
  ]
}

const ofConfigs = (topic: string, dir: string): Comparison[] => {
  const source = { 'connector.class': SOURCE, topic, file: `${dir}/b.txt` }
  return [
    post('/connectors', { name: 'src', config: source }),
    post('/connectors', { name: 'b', config: { 'connector.class': SOURCE } }),
    post('/connectors', { name: 'b', config: {} }),
    post('/connectors', { name: 'b' }, { differs: JAVA_MISHAP }),
    post('/connectors', { config: { 'connector.class': SOURCE, topic } }),
    post('/connectors', { name: 'b', config: { ...source, name: 'other' } }),
    post('/connectors', { name: 'b', initial_state: 'PAUSED', config: source }),
    get('/connectors/b/status'),
    put('/connectors/b/config', { ...source, file: `${dir}/c.txt` }),
    patch('/connectors/b/config', { 'batch.size': '10' }),
    patch('/connectors/b/config', { 'batch.size': null }),
    remove('/connectors/b'),
    post('/connectors', {
      name: 'e',
      config: { 'connector.class': 'FileStreamSink', topics: 'a', 'topics.regex': 'b' },
    }),
    post('/connectors', { name: 'e', config: { 'connector.class': 'FileStreamSink' } }),
    post('/connectors', { name: 'e', config: { ...source, 'batch.size': 'x', 'tasks.max': '0' } }),
    get('/connector-plugins/Nope/config'),
    get('/connector-plugins/org.apache.kafka.connect.storage.StringConverter/config'),
    put(`/connector-plugins/${SOURCE}/config/validate`, source, { differs: MORE_CONFIGS }),
    put(`/connector-plugins/${SOURCE}/config/validate`, { 'connector.class': 'FileStreamSink' }),
    get('/nope'),
    post('/'),
    remove('/connectors'),
  ]
}

/** @param topic that the source connector `src` writes @param dir where the files are */
export const requests = (topic: string, dir: string): Comparison[] => [
  ...ofSource(topic, dir),
  ...ofSink(topic, dir),
  ...ofConfigs(topic, dir),
]
