/** Connect's REST API, resource by resource, with Kafka's status codes. */
import type { ConnectConfigKey } from '../api/config.ts'
import { KAFKA_VERSION } from '../api/version.ts'
import { keyInfo } from '../config/config-def.ts'
import { runtimeKeys } from '../config/validate.ts'
import type { Herder } from '../runtime/herder.ts'
import { LOG_LEVELS, type LogLevel, type LogTarget } from '../runtime/log.ts'
import { alterOffsets, offsetsOf, resetOffsets } from '../runtime/offset-requests.ts'
import { badRequest, notFound, RequestError } from '../runtime/request-error.ts'
import type { TargetState } from '../runtime/running-connector.ts'
import { changesBody, configsBody, connectorBody, levelBody, offsetsBody } from './bodies.ts'
import { accepted, noContent, ok, type RestAnswer, type RestRequest } from './http.ts'
import type { Route } from './router.ts'

/** The commit of Kafka whose answers these are. */
const COMMIT = 'a9ce3221537b8653'

export interface RestContext {
  readonly herder: Herder
  readonly clusterId: string
  /** http://host:port/ of the worker */
  readonly url: string
  readonly logTarget: LogTarget
}

const isTrue = (query: URLSearchParams, name: string): boolean => query.get(name)?.toLowerCase() === 'true'

/** The name in the body must be that of the path. */
const named = (name: string, config: Record<string, string>): Record<string, string> => {
  const { name: own = name } = config
  if (own !== name) {
    throw badRequest(`Connector name configuration (${own}) doesn't match connector name in the URL (${name})`)
  }
  return { ...config, name }
}

const initialStates: Readonly<Record<string, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}

const createdAnswer = ({ url }: RestContext, { created, info }: Awaited<ReturnType<Herder['put']>>): RestAnswer =>
  created
    ? { status: 201, body: info, headers: { Location: `${url}connectors/${encodeURIComponent(info.name)}` } }
    : ok(info)

const listConnectors = (herder: Herder, query: URLSearchParams): unknown => {
  const expand = query.getAll('expand')
  if (expand.length === 0) return herder.names()
  const describe = (name: string): Record<string, unknown> => ({
    ...(expand.includes('info') ? { info: herder.info(name) } : {}),
    ...(expand.includes('status') ? { status: herder.status(name) } : {}),
  })
  return Object.fromEntries(herder.names().map((name) => [name, describe(name)]))
}

const connectorRoutes = (context: RestContext): Route[] => {
  const { herder } = context
  return [
    {
      path: '/connectors',
      methods: {
        GET: ({ query }) => ok(listConnectors(herder, query)),
        POST: async ({ body }) => {
          const { name, config, initial_state: state } = connectorBody(body)
          const own = name?.trim() ?? ''
          return createdAnswer(
            context,
            await herder.put(own, named(own, config), false, initialStates[state ?? 'RUNNING']),
          )
        },
      },
    },
    {
      path: '/connectors/:name',
      methods: {
        GET: ({ params }) => ok(herder.info(params.name!)),
        DELETE: async ({ params }) => {
          await herder.delete(params.name!)
          return noContent
        },
      },
    },
    {
      path: '/connectors/:name/config',
      methods: {
        GET: ({ params }) => ok(herder.connector(params.name!).props),
        PUT: async ({ params, body }) =>
          createdAnswer(context, await herder.put(params.name!, named(params.name!, configsBody(body)), true)),
        PATCH: async ({ params, body }) => ok(await herder.patch(params.name!, changesBody(body))),
      },
    },
  ]
}

/** States of connectors and tasks, and changes of them. */
const stateRoutes = ({ herder }: RestContext): Route[] => {
  const target =
    (state: TargetState, answer: RestAnswer) =>
    async ({ params }: RestRequest): Promise<RestAnswer> => {
      await herder.setTarget(params.name!, state)
      return answer
    }
  return [
    { path: '/connectors/:name/status', methods: { GET: ({ params }) => ok(herder.status(params.name!)) } },
    { path: '/connectors/:name/pause', methods: { PUT: target('PAUSED', accepted()) } },
    { path: '/connectors/:name/resume', methods: { PUT: target('STARTED', accepted()) } },
    { path: '/connectors/:name/stop', methods: { PUT: target('STOPPED', noContent) } },
    {
      path: '/connectors/:name/restart',
      methods: {
        POST: async ({ params, query }) => {
          const [includeTasks, onlyFailed] = [isTrue(query, 'includeTasks'), isTrue(query, 'onlyFailed')]
          if (includeTasks || onlyFailed) return accepted(await herder.restart(params.name!, includeTasks, onlyFailed))
          await herder.restartConnector(params.name!)
          return noContent
        },
      },
    },
    { path: '/connectors/:name/tasks', methods: { GET: ({ params }) => ok(herder.tasks(params.name!)) } },
    {
      path: '/connectors/:name/tasks/:task#/status',
      methods: { GET: ({ params }) => ok(herder.taskStatus(params.name!, Number(params.task))) },
    },
    {
      path: '/connectors/:name/tasks/:task#/restart',
      methods: {
        POST: async ({ params }) => {
          await herder.restartTask(params.name!, Number(params.task))
          return noContent
        },
      },
    },
  ]
}

const trackingRoutes = ({ herder }: RestContext): Route[] => {
  const allowed = (config: string, message: string): void => {
    if (!herder.worker.config.boolean(config)) throw new RequestError(403, message)
  }
  return [
    {
      path: '/connectors/:name/topics',
      methods: {
        GET: ({ params: { name } }) => {
          allowed('topic.tracking.enable', 'Topic tracking is disabled.')
          return ok({ [name!]: { topics: herder.topics(name!) } })
        },
      },
    },
    {
      path: '/connectors/:name/topics/reset',
      methods: {
        PUT: ({ params }) => {
          allowed('topic.tracking.enable', 'Topic tracking is disabled.')
          allowed('topic.tracking.allow.reset', 'Topic tracking reset is disabled.')
          herder.resetTopics(params.name!)
          return accepted()
        },
      },
    },
    {
      path: '/connectors/:name/offsets',
      methods: {
        GET: async ({ params }) => ok({ offsets: await offsetsOf(herder, params.name!) }),
        PATCH: async ({ params, body }) => {
          const message = await alterOffsets(herder, params.name!, offsetsBody(body))
          return ok({ message })
        },
        DELETE: async ({ params }) => ok({ message: await resetOffsets(herder, params.name!) }),
      },
    },
  ]
}

const pluginRoutes = ({ herder }: RestContext): Route[] => {
  const { plugins, config } = herder.worker
  return [
    {
      path: '/connector-plugins',
      methods: {
        GET: ({ query }) => {
          const all = query.get('connectorsOnly')?.toLowerCase() === 'false'
          const shown = all ? plugins.all : plugins.ofType('sink', 'source')
          return ok(shown.map(({ className, type, version }) => ({ class: className, type, version })))
        },
      },
    },
    {
      path: '/connector-plugins/:plugin/config',
      methods: {
        GET: ({ params: { plugin: name = '' } }) => {
          const plugin = plugins.find(
            name,
            'source',
            'sink',
            'converter',
            'header_converter',
            'transformation',
            'predicate',
          )
          if (plugin === undefined) throw notFound(`Unknown plugin ${name}.`)
          const isConnector = plugin.type === 'source' || plugin.type === 'sink'
          const keys: readonly ConnectConfigKey[] = isConnector
            ? [...plugin.configs, ...runtimeKeys(plugins, config, plugin.type === 'source', plugin.version)]
            : plugin.configs
          return ok(keys.map(keyInfo))
        },
      },
    },
    {
      path: '/connector-plugins/:plugin/config/validate',
      methods: {
        PUT: async ({ params: { plugin: name = '' }, body }) => {
          const props = configsBody(body)
          const included = props['connector.class']
          const asked = plugins.find(name, 'source', 'sink')
          if (included !== undefined && plugins.find(included, 'source', 'sink') !== asked) {
            throw badRequest(`Included connector type ${included} does not match request type ${name}`)
          }
          return ok(await herder.validate(props))
        },
      },
    },
  ]
}

/** kt has one logger; it is called root. */
const loggerRoutes = ({ logTarget }: RestContext): Route[] => {
  const info = (): unknown => ({ level: logTarget.level, last_modified: logTarget.changedAtMs })
  const known = (name: string): void => {
    if (name !== 'root') throw notFound(`Logger ${name} not found.`)
  }
  return [
    { path: '/admin/loggers', methods: { GET: () => ok({ root: info() }) } },
    {
      path: '/admin/loggers/:logger',
      methods: {
        GET: ({ params }) => {
          known(params.logger!)
          return ok(info())
        },
        PUT: ({ params, body }) => {
          known(params.logger!)
          const level = levelBody(body)
          if (level === null) throw badRequest("Desired 'level' parameter was not specified in request.")
          if (!(LOG_LEVELS as readonly string[]).includes(level.toUpperCase())) {
            throw notFound(`invalid log level '${level}'.`)
          }
          logTarget.level = level.toUpperCase() as LogLevel
          logTarget.changedAtMs = Date.now()
          return ok(['root'])
        },
      },
    },
  ]
}

/** All routes. */
export const routesOf = (context: RestContext): Route[] => [
  {
    path: '/',
    methods: {
      GET: () => ok({ version: KAFKA_VERSION, commit: COMMIT, kafka_cluster_id: context.clusterId }),
    },
  },
  {
    path: '/health',
    methods: {
      GET: () => ok({ status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' }),
    },
  },
  ...connectorRoutes(context),
  ...stateRoutes(context),
  ...trackingRoutes(context),
  ...pluginRoutes(context),
  ...loggerRoutes(context),
]
