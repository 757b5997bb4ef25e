/**
 * DescribeClientQuotas: the quotas of the entities that match a filter; v0-1 (KIP-546).
 *
 * - Each component names a type and asks for one name (0), the default (1) or any (2). `strict` leaves out entities of more types than asked.
 * - No components match everything, or with `strict` nothing.
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from '../../protocol/generated/48-describe-client-quotas.ts'
import { AclOperation, allowsCluster } from '../authorizer/authorizer.ts'
import { type EntityQuotas, QuotaEntityType } from '../controller/quota-image.ts'
import { defineApi } from '../define-api.ts'
import { messageBeyond } from './error-message.ts'

const MatchType = { EXACT: 0, DEFAULT: 1, SPECIFIED: 2 } as const
/** Any name, the default included. */
const ANY = Symbol('any')

type Wanted = ReadonlyMap<string, string | null | typeof ANY>

const invalid = (message: string): KafkaError => new KafkaError(ErrorCode.INVALID_REQUEST, message)

function wantedName(matchType: number, match: string | null): string | null | typeof ANY {
  switch (matchType) {
    case MatchType.EXACT:
      if (match === null) throw invalid('Request specified MATCH_TYPE_EXACT, but set match string to null.')
      return match
    case MatchType.DEFAULT:
      if (match !== null) throw invalid('Request specified MATCH_TYPE_DEFAULT, but also specified a match string.')
      return null
    case MatchType.SPECIFIED:
      if (match !== null) throw invalid('Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.')
      return ANY
    default:
      throw invalid(`Unknown match type ${matchType}`)
  }
}

function filterOf(components: DescribeClientQuotasRequest['components']): Wanted {
  const { USER, CLIENT_ID, IP } = QuotaEntityType
  const wanted = new Map<string, string | null | typeof ANY>()
  for (const { entityType, matchType, match } of components) {
    if (entityType === '') throw invalid('Invalid empty entity type.')
    if (wanted.has(entityType)) throw invalid(`Entity type ${entityType} cannot appear more than once in the filter.`)
    if (entityType !== IP && entityType !== USER && entityType !== CLIENT_ID) {
      throw new KafkaError(ErrorCode.UNSUPPORTED_VERSION, `Unsupported entity type ${entityType}`)
    }
    wanted.set(entityType, wantedName(matchType, match))
  }
  if (wanted.has(IP) && (wanted.has(USER) || wanted.has(CLIENT_ID))) {
    throw invalid(
      'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
    )
  }
  return wanted
}

function matches({ entity }: EntityQuotas, wanted: Wanted, strict: boolean): boolean {
  if (strict && entity.size !== wanted.size) return false
  for (const [type, name] of wanted) {
    if (!entity.has(type) || (name !== ANY && entity.get(type) !== name)) return false
  }
  return true
}

export const describeClientQuotas = defineApi({
  request: DescribeClientQuotasRequest,
  response: DescribeClientQuotasResponse,
  min: 0,
  max: 1,
  handle(context, { components, strict }) {
    // Kafka says no more than the code here.
    if (!allowsCluster(context, AclOperation.DESCRIBE_CONFIGS))
      throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    const wanted = filterOf(components)
    const found = [...context.services.metadata.quotas.all()].filter((quotas) => matches(quotas, wanted, strict))
    return {
      // Kafka leaves the field at its default here.
      errorMessage: '',
      entries: found.map(({ entity, values }) => ({
        entity: [...entity].map(([entityType, entityName]) => ({ entityType, entityName })),
        values: [...values].map(([key, value]) => ({ key, value })),
      })),
    }
  },
  failure: (_request, errorCode, message) => ({
    errorCode,
    errorMessage: messageBeyond(errorCode, message),
    entries: null,
  }),
})
