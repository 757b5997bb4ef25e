import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Acl, PatternType, PermissionType } from '../../../src/broker/authorizer/acl.ts'
import { AclOperation, allowedTopics, ResourceType } from '../../../src/broker/authorizer/authorizer.ts'
import { hostAddress } from '../../../src/broker/authorizer/host-address.ts'
import { StandardAuthorizer } from '../../../src/broker/authorizer/standard-authorizer.ts'
import { AclImage } from '../../../src/broker/controller/acl-image.ts'
import type { RequestContext } from '../../../src/broker/define-api.ts'

const { LITERAL, PREFIXED } = PatternType
const { ALLOW, DENY } = PermissionType
const { TOPIC, GROUP, CLUSTER } = ResourceType
const { ALL, READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS } = AclOperation

interface World {
  readonly lines: string[]
  readonly image: AclImage
  readonly authorizer: StandardAuthorizer
  context(principal?: string, host?: string): RequestContext
}

function world(acls: readonly Partial<Acl>[], options: { superUsers?: string[]; allowIfNoAcl?: boolean } = {}): World {
  const lines: string[] = []
  const log = (level: string) => (_fields: object, message: string) => lines.push(`${level} ${message}`)
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const image = new AclImage()
  for (const [i, acl] of acls.entries()) image.add({ ...aclOf(acl), id: `id-${i}` })
  const authorizer = new StandardAuthorizer({
    acls: image,
    logger,
    superUsers: new Set(options.superUsers),
    allowIfNoAcl: options.allowIfNoAcl ?? false,
  })
  const context = (principal = 'User:alice', host = '10.0.0.1'): RequestContext =>
    ({
      connection: { principal, remoteAddress: host },
      services: { authorizer },
      apiName: 'Fetch',
    }) as unknown as RequestContext
  return { lines, image, authorizer, context }
}

const aclOf = (acl: Partial<Acl>): Acl => ({
  resourceType: TOPIC,
  resourceName: 't',
  patternType: LITERAL,
  principal: 'User:alice',
  host: '*',
  operation: READ,
  permissionType: ALLOW,
  ...acl,
})

const allows = ({ authorizer, context }: World, operation: AclOperation, name = 't', type: ResourceType = TOPIC) =>
  authorizer.allows(context(), operation, type, name)

describe('the rules', () => {
  it.each<[string, Partial<Acl>[], AclOperation, boolean]>([
    ['nothing is denied', [], READ, false],
    ['a literal ACL allows its name', [{}], READ, true],
    ['it allows no other operation', [{}], WRITE, false],
    ['nor another principal', [{ principal: 'User:bob' }], READ, false],
    ['nor a principal of another type', [{ principal: 'Group:alice' }], READ, false],
    ['nor another host', [{ host: '10.0.0.2' }], READ, false],
    ['its own host is fine', [{ host: '10.0.0.1' }], READ, true],
    ['nor another name', [{ resourceName: 'tt' }], READ, false],
    ['nor a name it begins', [{ resourceName: 'tt' }, { resourceName: '' }], READ, false],
    ['nor another type', [{ resourceType: GROUP }], READ, false],
    ['User:* is every user', [{ principal: 'User:*' }], READ, true],
    ['* is every name', [{ resourceName: '*' }], READ, true],
    ['a prefix covers its names', [{ resourceName: 't', patternType: PREFIXED }], READ, true],
    ['a longer prefix does not', [{ resourceName: 'tt', patternType: PREFIXED }], READ, false],
    ['a prefixed * is no wildcard', [{ resourceName: '*', patternType: PREFIXED }], READ, false],
    ['ALL is every operation', [{ operation: ALL }], ALTER_CONFIGS, true],
    ...[READ, WRITE, DELETE, ALTER].map((operation): [string, Partial<Acl>[], AclOperation, boolean] => [
      `operation ${operation} implies DESCRIBE`,
      [{ operation }],
      DESCRIBE,
      true,
    ]),
    ['CREATE does not', [{ operation: CREATE }], DESCRIBE, false],
    ['ALTER_CONFIGS implies DESCRIBE_CONFIGS', [{ operation: ALTER_CONFIGS }], DESCRIBE_CONFIGS, true],
    ['READ does not', [{}], DESCRIBE_CONFIGS, false],
    ['a denial beats', [{}, { permissionType: DENY }], READ, false],
    ['a denial for all', [{}, { permissionType: DENY, resourceName: '*', operation: ALL }], READ, false],
    ['a prefixed denial', [{ resourceName: '*' }, { permissionType: DENY, patternType: PREFIXED }], READ, false],
    ['denying READ leaves DESCRIBE', [{ operation: DESCRIBE }, { permissionType: DENY }], DESCRIBE, true],
    [
      'denying DESCRIBE takes it from who may READ',
      [{}, { operation: DESCRIBE, permissionType: DENY }],
      DESCRIBE,
      false,
    ],
  ])('%s', (_name, acls, operation, expected) => {
    expect(allows(world(acls), operation)).toBe(expected)
  })

  it('lets super users do everything, whatever is denied', () => {
    const { authorizer, context } = world([{ permissionType: DENY, principal: 'User:root' }], {
      superUsers: ['User:root'],
    })
    expect(authorizer.allows(context('User:root'), READ, TOPIC, 't')).toBe(true)
    expect(authorizer.allows(context('User:alice'), READ, TOPIC, 't')).toBe(false)
  })

  it('lets everyone at resources without ACLs if told to, and at no others', () => {
    const w = world([{ principal: 'User:bob' }], { allowIfNoAcl: true })
    expect(allows(w, READ, 'free')).toBe(true)
    expect(allows(w, READ, 't')).toBe(false)
    expect(allows(w, READ, 't', GROUP)).toBe(true)
    w.image.add({ ...aclOf({ resourceName: '*', principal: 'User:bob' }), id: 'wildcard' })
    expect(allows(w, READ, 'free')).toBe(false)
    w.image.remove('wildcard')
    expect(allows(w, READ, 'free')).toBe(true)
  })

  it('compares IPv6 hosts as Java writes them', () => {
    const { authorizer, context } = world([{ host: '0:0:0:0:0:0:0:1' }])
    expect(authorizer.allows(context('User:alice', '::1'), READ, TOPIC, 't')).toBe(true)
    expect(hostAddress('::1')).toBe('0:0:0:0:0:0:0:1')
    expect(hostAddress('fe80::0a0:1%eth0')).toBe('fe80:0:0:0:0:0:a0:1%eth0')
    expect(hostAddress('2001:DB8::')).toBe('2001:db8:0:0:0:0:0:0')
    expect(hostAddress('::ffff:10.1.2.3')).toBe('10.1.2.3')
    expect(hostAddress('10.1.2.3')).toBe('10.1.2.3')
  })
})

describe('the right to some resource of a type', () => {
  it.each<[string, Partial<Acl>[], boolean]>([
    ['none without ACLs', [], false],
    ['a literal name', [{ operation: WRITE }], true],
    ['every name', [{ operation: ALL, resourceName: '*' }], true],
    ['not by an operation that implies nothing', [{}], false],
    ['not on another type', [{ operation: WRITE, resourceType: GROUP }], false],
    [
      'a denial of every name',
      [{ operation: WRITE }, { operation: ALL, resourceName: '*', permissionType: DENY }],
      false,
    ],
    ['a denial of the name', [{ operation: WRITE }, { operation: WRITE, permissionType: DENY }], false],
    [
      'a denial of another',
      [{ operation: WRITE }, { operation: WRITE, permissionType: DENY, resourceName: 'u' }],
      true,
    ],
    [
      'a denial of a prefix',
      [
        { operation: WRITE, resourceName: 'ab' },
        { operation: WRITE, permissionType: DENY, resourceName: 'a', patternType: PREFIXED },
      ],
      false,
    ],
    [
      'a denial of a part of a prefix',
      [
        { operation: WRITE, resourceName: 'a', patternType: PREFIXED },
        { operation: WRITE, permissionType: DENY, resourceName: 'ab', patternType: PREFIXED },
      ],
      true,
    ],
  ])('%s', (_name, acls, expected) => {
    const { authorizer, context } = world(acls)
    expect(authorizer.allowsAny(context(), WRITE, TOPIC)).toBe(expected)
  })
})

/** The rules said plainly, over all ACLs. */
function naive(acls: readonly Acl[], allowIfNoAcl: boolean, principal: string, host: string) {
  return (operation: AclOperation, type: ResourceType, name: string): boolean => {
    const about = acls.filter(
      (acl) =>
        acl.resourceType === type &&
        (acl.patternType === PREFIXED
          ? name.startsWith(acl.resourceName)
          : acl.resourceName === name || acl.resourceName === '*'),
    )
    if (about.length === 0) return allowIfNoAcl
    const mine = about.filter((acl) => ['User:*', principal].includes(acl.principal) && ['*', host].includes(acl.host))
    const implied: Record<number, number[]> = {
      [DESCRIBE]: [READ, WRITE, DELETE, ALTER],
      [DESCRIBE_CONFIGS]: [ALTER_CONFIGS],
    }
    if (mine.some((acl) => acl.permissionType === DENY && [operation, ALL].includes(acl.operation as never)))
      return false
    const enough: number[] = [operation, ALL, ...(implied[operation] ?? [])]
    return mine.some((acl) => acl.permissionType === ALLOW && enough.includes(acl.operation))
  }
}

const name = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*') },
  { weight: 6, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', '*', '-'), maxLength: 4 }) },
)
const operation = fc.constantFrom<AclOperation>(
  ALL,
  READ,
  WRITE,
  CREATE,
  DELETE,
  ALTER,
  DESCRIBE,
  DESCRIBE_CONFIGS,
  ALTER_CONFIGS,
)
const anyAcl = fc.record<Acl>({
  resourceType: fc.constantFrom(TOPIC, GROUP, CLUSTER),
  resourceName: name,
  patternType: fc.constantFrom(LITERAL, LITERAL, PREFIXED),
  principal: fc.constantFrom('User:alice', 'User:*', 'User:bob'),
  host: fc.constantFrom('*', '10.0.0.1', '10.0.0.2'),
  operation,
  permissionType: fc.constantFrom(ALLOW, ALLOW, DENY),
})

describe('any ACLs', () => {
  it('decide as the plain rules say, also after some were removed', () => {
    const question = fc.tuple(operation, fc.constantFrom<ResourceType>(TOPIC, GROUP, CLUSTER), name)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyAcl, fc.boolean()), { maxLength: 30 }),
        fc.array(question, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        (entries, questions, allowIfNoAcl) => {
          const w = world(
            entries.map(([acl]) => acl),
            { allowIfNoAcl },
          )
          // The first look sorts; what comes later has to find its place.
          w.image.all()
          for (const [i, [, removed]] of entries.entries()) if (removed) w.image.remove(`id-${i}`)
          for (const [i, [acl, removed]] of entries.entries())
            if (removed && i % 2 === 0) w.image.add({ ...acl, id: `again-${i}` })
          const left = entries.filter(([, removed], i) => !removed || i % 2 === 0).map(([acl]) => acl)
          expect(w.image.size).toBe(left.length)
          const expected = naive(left, allowIfNoAcl, 'User:alice', '10.0.0.1')
          for (const [asked, type, resource] of questions) {
            expect(w.authorizer.allows(w.context(), asked, type, resource)).toBe(expected(asked, type, resource))
          }
        },
      ),
    )
  })

  it('are looked at few at a time, however many there are', () => {
    const acls = Array.from({ length: 10_000 }, (_, i) => ({ resourceName: `orders-${i}`, operation: DESCRIBE }))
    const w = world([...acls, { resourceName: 'ord', patternType: PREFIXED }, { resourceName: '*', operation: WRITE }])
    expect([...w.image.matching(TOPIC, 'orders-77')].map((acl) => acl.resourceName)).toEqual(['orders-77', 'ord', '*'])
    let looks = 0
    const all = w.image.all()
    const counting = new Proxy([...all], {
      get: (target, key) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) looks++
        return Reflect.get(target, key) as unknown
      },
    })
    Object.assign(w.image, { sorted: counting })
    expect(allows(w, READ, 'orders-9999x')).toBe(true)
    expect(looks).toBeLessThan(200)
  })
})

describe('the audit log', () => {
  const denied =
    'info Principal = User:alice is Denied operation = WRITE from host = 10.0.0.1 on resource = Topic:LITERAL:t for request = Fetch with resourceRefCount = '

  it('has a line for each denial, and for what was allowed at debug level', () => {
    const w = world([{}, { permissionType: DENY, operation: DELETE, resourceName: 't', patternType: PREFIXED }])
    allows(w, WRITE)
    allows(w, READ)
    allows(w, DELETE)
    expect(w.lines).toEqual([
      `${denied}1 based on rule DefaultDeny`,
      'debug Principal = User:alice is Allowed operation = READ from host = 10.0.0.1 on resource = Topic:LITERAL:t for request = Fetch ' +
        'with resourceRefCount = 1 based on rule MatchingAcl(acl=StandardAcl[resourceType=TOPIC, resourceName=t, patternType=LITERAL, ' +
        'principal=User:alice, host=*, operation=READ, permissionType=ALLOW])',
      'info Principal = User:alice is Denied operation = DELETE from host = 10.0.0.1 on resource = Topic:LITERAL:t for request = Fetch ' +
        'with resourceRefCount = 1 based on rule MatchingAcl(acl=StandardAcl[resourceType=TOPIC, resourceName=t, patternType=PREFIXED, ' +
        'principal=User:alice, host=*, operation=DELETE, permissionType=DENY])',
    ])
  })

  it('says how often a request names a resource, and decides once', () => {
    const w = world([])
    expect([...allowedTopics(w.context(), WRITE, ['t', 't', 't'])]).toEqual([])
    expect(w.lines).toEqual([`${denied}3 based on rule DefaultDeny`])
  })

  it('is silent about what only filters', () => {
    const w = world([{}])
    w.authorizer.allows(w.context(), WRITE, TOPIC, 't', true)
    w.authorizer.allows(w.context(), READ, TOPIC, 't', 'silent')
    w.authorizer.allows(w.context(), WRITE, TOPIC, 't', 'silent')
    expect(w.lines).toEqual([])
    w.authorizer.allows(w.context(), READ, TOPIC, 't', true)
    expect(w.lines).toHaveLength(1)
  })

  it('names resources of several words as Kafka does', () => {
    const w = world([])
    w.authorizer.allows(w.context(), WRITE, ResourceType.TRANSACTIONAL_ID, 'x')
    expect(w.lines[0]).toContain('on resource = TransactionalId:LITERAL:x')
  })
})
