import { X509Certificate } from 'node:crypto'
import type { Connection } from '../../net/connection.ts'
import { AclOperation } from '../../protocol/acl-codes.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../protocol/generated/03-metadata.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/generated/60-describe-cluster.ts'
import type { SecuritySettings } from '../settings.ts'
import { HopFailure, type Passed } from './hop.ts'
import { saslUser } from './sasl.ts'

/** Brokers write this where they say nothing of operations. */
const NOT_TOLD = -(2 ** 31)
/** Metadata tells operations on topics from this version on (KIP-430). */
const OPERATIONS_SINCE = 8

/** The names of the operations in a bit field (KIP-430). */
export const operationNames = (bits: number): string[] =>
  Object.entries(AclOperation)
    .filter(([, code]) => code > AclOperation.ALL && (bits & (1 << code)) !== 0)
    .map(([name]) => name)

/** Whom the broker takes this client for, as far as the client knows. */
const principalOf = ({ sasl, tls }: SecuritySettings): string => {
  if (sasl) return saslUser(sasl)
  if (!tls || tls.cert === null) return 'User:ANONYMOUS'
  return `User:${subjectOf(tls.cert)}`
}

/** A certificate's subject as brokers name it, unless their ssl.principal.mapping.rules say otherwise. */
const subjectOf = (pem: string): string =>
  new X509Certificate(pem).subject
    .split('\n')
    .reverse()
    .map((part) => part.replace(/,/g, '\\,'))
    .join(',')

const clusterOperations = async (connection: Connection): Promise<string> => {
  if (connection.versions.highest(DescribeClusterRequest) < 0) return 'not told by so old a broker'
  const answer = await connection.send(DescribeClusterRequest, DescribeClusterResponse, {
    includeClusterAuthorizedOperations: true,
  })
  if (answer.errorCode !== ErrorCode.NONE) return new KafkaError(answer.errorCode, answer.errorMessage).message
  const bits = answer.clusterAuthorizedOperations
  return bits === NOT_TOLD ? 'not told' : operationNames(bits).join(', ') || 'nothing'
}

const topicRights = async (connection: Connection): Promise<string> => {
  const version = connection.versions.pick(MetadataRequest)
  const message = {
    topics: version === 0 ? [] : null,
    ...(version >= 4 ? { allowAutoTopicCreation: false } : {}),
    ...(version >= OPERATIONS_SINCE ? { includeTopicAuthorizedOperations: true } : {}),
  }
  const { topics } = await connection.send(MetadataRequest, MetadataResponse, message, { version })
  if (topics.length === 0) return 'sees no topics'
  if (version < OPERATIONS_SINCE) return `sees ${topics.length} topics`
  const may = (operation: keyof typeof AclOperation): number =>
    topics.filter(
      ({ topicAuthorizedOperations: bits }) => bits !== NOT_TOLD && (bits & (1 << AclOperation[operation])) !== 0,
    ).length
  return `sees ${topics.length} ${topics.length === 1 ? 'topic' : 'topics'}, may read ${may('READ')}, write ${may('WRITE')}`
}

/** ACLs: what this client may do with the cluster and its topics. Fails when it may do nothing at all. */
export const checkRights = async (connection: Connection, security: SecuritySettings): Promise<Passed<undefined>> => {
  const [cluster, topics] = [await clusterOperations(connection), await topicRights(connection)]
  const who = principalOf(security)
  if (cluster === 'nothing' && topics === 'sees no topics') {
    throw new HopFailure(
      `${who} may do nothing with the cluster, and sees no topics`,
      `The cluster has ACLs, and none for ${who}; or it has no topics yet.`,
      `As an administrator: kt acls --add --allow-principal '${who.startsWith('User:') ? who : 'User:…'}' --operation Read --operation Describe --topic NAME`,
    )
  }
  return { detail: `${who} ${topics}; on the cluster: ${cluster}`, value: undefined }
}
