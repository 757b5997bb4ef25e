import type { AclImage } from '../controller/acl-image.ts'
import type { RequestContext } from '../define-api.ts'
import type { Logger } from '../logger.ts'
import {
  type Acl,
  aclText,
  operationName,
  PatternType,
  PermissionType,
  pascalCase,
  resourceTypeName,
  WILDCARD,
  WILDCARD_PRINCIPAL,
} from './acl.ts'
import { AclOperation, type Authorizer, type Quiet, type ResourceType } from './authorizer.ts'
import { hostAddress } from './host-address.ts'

/** Operations that allow another one by the way. A denial denies just what it names. */
const IMPLIES_DESCRIBE: readonly number[] = [
  AclOperation.DESCRIBE,
  AclOperation.READ,
  AclOperation.WRITE,
  AclOperation.DELETE,
  AclOperation.ALTER,
]
const IMPLIES_DESCRIBE_CONFIGS: readonly number[] = [AclOperation.DESCRIBE_CONFIGS, AclOperation.ALTER_CONFIGS]

/** A name that stands for any, to find out who may do everything anyway. */
const ANY_NAME = 'hardcode'

/** Lines of decisions carry the name of Kafka's log for them. */
const AUDIT_LOG = { logger: 'kafka.authorizer.logger' }

export interface StandardAuthorizerOptions {
  readonly acls: AclImage
  readonly logger: Logger
  /** super.users */
  readonly superUsers: ReadonlySet<string>
  /** allow.everyone.if.no.acl.found */
  readonly allowIfNoAcl: boolean
}

interface Decision {
  readonly isAllowed: boolean
  /** What decided it: an ACL, or one of Kafka's names for rules without one. */
  readonly rule: Acl | 'SuperUser' | 'DefaultAllow' | 'DefaultDeny'
}

const SUPER_USER: Decision = { isAllowed: true, rule: 'SuperUser' }
const DEFAULT_ALLOW: Decision = { isAllowed: true, rule: 'DefaultAllow' }
const DEFAULT_DENY: Decision = { isAllowed: false, rule: 'DefaultDeny' }

/** The rules of org.apache.kafka.metadata.authorizer.StandardAuthorizer, over the ACLs of the metadata log. */
export class StandardAuthorizer implements Authorizer {
  readonly isEnabled = true
  private readonly options: StandardAuthorizerOptions

  constructor(options: StandardAuthorizerOptions) {
    this.options = options
  }

  allows(
    context: RequestContext,
    operation: AclOperation,
    resourceType: ResourceType,
    name: string,
    quiet: Quiet = false,
    references = 1,
  ): boolean {
    const decision = this.decide(context, operation, resourceType, name)
    const { logger } = this.options
    if (decision.isAllowed) {
      if (quiet !== 'silent' && logger.isLevelEnabled?.('debug') !== false) {
        logger.debug(AUDIT_LOG, auditText(context, operation, resourceType, name, references, decision))
      }
    } else if (quiet === false) {
      logger.info(AUDIT_LOG, auditText(context, operation, resourceType, name, references, decision))
    }
    return decision.isAllowed
  }

  /** A denial beats whatever allows; without any ACL for the resource the default counts. */
  private decide(
    { connection }: RequestContext,
    operation: AclOperation,
    resourceType: ResourceType,
    name: string,
  ): Decision {
    const { acls, superUsers, allowIfNoAcl } = this.options
    const { principal } = connection
    if (superUsers.has(principal)) return SUPER_USER
    const host = hostAddress(connection.remoteAddress)
    let hasAcls = false
    let allowing: Acl | undefined
    for (const acl of acls.matching(resourceType, name)) {
      hasAcls = true
      if (!concerns(acl, principal, host) || !covers(acl, operation)) continue
      if (acl.permissionType === PermissionType.DENY) return { isAllowed: false, rule: acl }
      allowing = acl
    }
    if (allowing) return { isAllowed: true, rule: allowing }
    return !hasAcls && allowIfNoAcl ? DEFAULT_ALLOW : DEFAULT_DENY
  }

  /**
   * Allowed is who is allowed something that no denial takes away altogether: a literal name not denied literally nor by a prefix, or a
   * prefix not denied by itself or a shorter one (KIP-679).
   */
  allowsAny(context: RequestContext, operation: AclOperation, resourceType: ResourceType): boolean {
    if (this.allows(context, operation, resourceType, ANY_NAME, true, 0)) return true
    const { principal, remoteAddress } = context.connection
    const host = hostAddress(remoteAddress)
    const allowed: Acl[] = []
    const denied = new Set<string>()
    const deniedPrefixes = new Set<string>()
    for (const acl of this.options.acls.ofType(resourceType)) {
      if (!concerns(acl, principal, host)) continue
      if (acl.operation !== operation && acl.operation !== AclOperation.ALL) continue
      if (acl.permissionType === PermissionType.ALLOW) allowed.push(acl)
      else if (acl.patternType === PatternType.PREFIXED) deniedPrefixes.add(acl.resourceName)
      else if (acl.resourceName === WILDCARD) return false
      else denied.add(acl.resourceName)
    }
    return allowed.some(({ patternType, resourceName }) => {
      if (patternType === PatternType.LITERAL && resourceName === WILDCARD) return true
      if (patternType === PatternType.LITERAL && denied.has(resourceName)) return false
      for (let end = 1; end <= resourceName.length; end++) {
        if (deniedPrefixes.has(resourceName.slice(0, end))) return false
      }
      return true
    })
  }
}

function concerns(acl: Acl, principal: string, host: string): boolean {
  const isPrincipal = acl.principal === principal || acl.principal === WILDCARD_PRINCIPAL
  return isPrincipal && (acl.host === WILDCARD || acl.host === host)
}

function covers(acl: Acl, operation: AclOperation): boolean {
  if (acl.operation === operation || acl.operation === AclOperation.ALL) return true
  if (acl.permissionType !== PermissionType.ALLOW) return false
  if (operation === AclOperation.DESCRIBE) return IMPLIES_DESCRIBE.includes(acl.operation)
  return operation === AclOperation.DESCRIBE_CONFIGS && IMPLIES_DESCRIBE_CONFIGS.includes(acl.operation)
}

/** The line of Kafka's audit log, to the letter. */
function auditText(
  { connection, apiName = 'unknown' }: RequestContext,
  operation: AclOperation,
  resourceType: ResourceType,
  name: string,
  references: number,
  { isAllowed, rule }: Decision,
): string {
  const resource = `${pascalCase(resourceTypeName(resourceType))}:LITERAL:${name}`
  const ruleText = typeof rule === 'string' ? rule : `MatchingAcl(acl=${aclText(rule)})`
  return (
    `Principal = ${connection.principal} is ${isAllowed ? 'Allowed' : 'Denied'} operation = ${operationName(operation)} ` +
    `from host = ${hostAddress(connection.remoteAddress)} on resource = ${resource} ` +
    `for request = ${apiName} with resourceRefCount = ${references} based on rule ${ruleText}`
  )
}
