import type { AccessControlEntryRecord } from '../../protocol/generated/metadata/access-control-entry-record.ts'
import { type Acl, compareAcls, compareText, PatternType, WILDCARD } from '../authorizer/acl.ts'

/** An ACL with the id by which the metadata log removes it. */
export interface StoredAcl extends Acl {
  readonly id: string
}

/**
 * The ACLs as the records of __cluster_metadata say they are. They stand in Kafka's order, so that those that concern a name are found
 * without looking at the others.
 */
export class AclImage {
  private readonly byId = new Map<string, StoredAcl>()
  /** In Kafka's order; made when somebody asks, as replaying a log asks nothing. */
  private sorted: StoredAcl[] | undefined

  get size(): number {
    return this.byId.size
  }

  /** All ACLs, in Kafka's order. */
  all(): readonly StoredAcl[] {
    this.sorted ??= [...this.byId.values()].sort(compareStored)
    return this.sorted
  }

  /** Applies an AccessControlEntryRecord. */
  add(record: AccessControlEntryRecord): void {
    this.remove(record.id)
    const { unknownTaggedFields: _, ...acl } = record
    this.byId.set(acl.id, acl)
    this.sorted?.splice(this.indexOf(acl), 0, acl)
  }

  /** Applies a RemoveAccessControlEntryRecord; an id that isn't there is nothing to do for. */
  remove(id: string): void {
    const acl = this.byId.get(id)
    if (!acl) return
    this.byId.delete(id)
    this.sorted?.splice(this.indexOf(acl), 1)
  }

  /** Whether exactly this ACL is there, whatever its id. */
  contains(acl: Acl): boolean {
    const all = this.all()
    const index = lowerBound(all.length, (i) => compareAcls(all[i] as StoredAcl, acl))
    const found = all[index]
    return found !== undefined && compareAcls(found, acl) === 0
  }

  private indexOf(acl: StoredAcl): number {
    const all = this.all()
    return lowerBound(all.length, (i) => compareStored(all[i] as StoredAcl, acl))
  }

  /**
   * The ACLs that concern a resource: literal and prefixed ones that match its name, longest name first, then those for every resource of the
   * type. The walk jumps over names that only begin alike, so it takes a few look-ups however many ACLs there are.
   */
  *matching(resourceType: number, name: string): Generator<StoredAcl> {
    yield* this.walk(resourceType, name)
    if (name !== WILDCARD) yield* this.exactly(resourceType, WILDCARD)
  }

  /** The ACLs for resources of a type. */
  *ofType(resourceType: number): Generator<StoredAcl> {
    const all = this.all()
    const start = lowerBound(all.length, (i) => (all[i] as StoredAcl).resourceType - resourceType)
    for (let i = start; all[i]?.resourceType === resourceType; i++) yield all[i] as StoredAcl
  }

  private *walk(resourceType: number, name: string): Generator<StoredAcl> {
    const all = this.all()
    let prefix = name
    for (let i = this.firstFrom(resourceType, prefix); i < all.length; ) {
      const acl = all[i] as StoredAcl
      if (acl.resourceType !== resourceType) return
      const alike = commonLength(name, acl.resourceName)
      if (alike < acl.resourceName.length) {
        prefix = name.slice(0, alike)
        i = this.firstFrom(resourceType, prefix, i)
        continue
      }
      if (acl.patternType !== PatternType.LITERAL || alike === name.length) yield acl
      i++
    }
  }

  /** The literal ACLs of one name. */
  private *exactly(resourceType: number, name: string): Generator<StoredAcl> {
    const all = this.all()
    for (let i = this.firstFrom(resourceType, name); i < all.length; i++) {
      const acl = all[i] as StoredAcl
      if (acl.resourceType !== resourceType || acl.resourceName !== name) return
      if (acl.patternType === PatternType.LITERAL) yield acl
    }
  }

  /** Index of the first ACL of the type whose name is `name` or comes after it in Kafka's order. */
  private firstFrom(resourceType: number, name: string, from = 0): number {
    const all = this.all()
    return lowerBound(
      all.length,
      (i) => {
        const acl = all[i] as StoredAcl
        return acl.resourceType - resourceType || compareText(name, acl.resourceName)
      },
      from,
    )
  }
}

const compareStored = (a: StoredAcl, b: StoredAcl): number => compareAcls(a, b) || compareText(a.id, b.id)

/** The first index at or after `from` for which `compare` isn't negative; `length` when there is none. */
function lowerBound(length: number, compare: (index: number) => number, from = 0): number {
  let low = from
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(middle) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** How many characters two texts have in common from the start. */
function commonLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  let length = 0
  while (length < end && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}
