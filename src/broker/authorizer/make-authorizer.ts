import type { BrokerConfig } from '../../config/broker-config.ts'
import { ConfigSource } from '../../config/describe.ts'
import { BrokerStartError } from '../broker-start-error.ts'
import type { AclImage } from '../controller/acl-image.ts'
import type { Logger } from '../logger.ts'
import { ALLOW_ALL, type Authorizer } from './authorizer.ts'
import { StandardAuthorizer } from './standard-authorizer.ts'

const STANDARD = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'

/**
 * The authorizer that authorizer.class.name, super.users and allow.everyone.if.no.acl.found ask for.
 *
 * @throws BrokerStartError
 */
export function makeAuthorizer(config: BrokerConfig, acls: AclImage, logger: Logger): Authorizer {
  const className = config.string('authorizer.class.name')
  if (className === '') return ALLOW_ALL
  if (className !== STANDARD) {
    throw new BrokerStartError(
      `authorizer.class.name=${className}: this broker has ${STANDARD} only. Use that, or leave the config out to allow everything.`,
    )
  }
  // Kafka's broker doesn't know these two: its authorizer reads them from server.properties.
  const texts = config.layers().find(({ source }) => source === ConfigSource.STATIC_BROKER_CONFIG)?.texts
  const superUsers = superUsersOf(texts?.get('super.users') ?? '')
  const allowIfNoAcl = texts?.get('allow.everyone.if.no.acl.found')?.trim().toLowerCase() === 'true'
  return new StandardAuthorizer({ acls, logger, superUsers, allowIfNoAcl })
}

/** 'User:a;User:b' */
function superUsersOf(text: string): Set<string> {
  const users = text.split(';').map((user) => user.trim())
  const named = users.filter((user) => user !== '')
  for (const user of named) {
    if (!/^[^:]+:./s.test(user)) {
      throw new BrokerStartError(
        `super.users: expected a string in format principalType:principalName but got ${user}. Write User:NAME, with ';' between several.`,
      )
    }
  }
  return new Set(named)
}
