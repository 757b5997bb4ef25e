import type { AclBinding, AclEntry, AclPattern } from '../../client/acl-types.ts'

/** Java's texts of ACLs and what they are about. */
export const patternText = ({ resourceType, name, patternType }: AclPattern): string =>
  `ResourcePattern(resourceType=${resourceType}, name=${name ?? '<any>'}, patternType=${patternType})`

export const entryText = ({ principal, host, operation, permissionType }: AclEntry): string =>
  `(principal=${principal ?? '<any>'}, host=${host ?? '<any>'}, operation=${operation}, permissionType=${permissionType})`

export const bindingText = ({ pattern, entry }: AclBinding): string =>
  `(pattern=${patternText(pattern)}, entry=${entryText(entry)})`
