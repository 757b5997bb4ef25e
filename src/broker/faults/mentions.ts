/** Deeper than any message of the protocol goes. */
const MAX_DEPTH = 8

/** How the protocol's messages call the fields that hold such a name. */
const FIELDS = {
  topic: /^(name|topic|topics|topicNames?|topicIds?|topicsToAdd|subscribedTopicNames|resourceName)$/,
  group: /^(groupIds?|groups|groupsNames|key|coordinatorKeys|resourceName)$/,
  transactionalId: /^(transactionalIds?|key|coordinatorKeys)$/,
} as const

/** Whether a decoded request names a topic (by name or id), a group or a transactional id, wherever its fields for these are. */
export function mentions(request: unknown, what: keyof typeof FIELDS, name: string): boolean {
  const fields = FIELDS[what]
  const look = (value: unknown, isNameField: boolean, depth: number): boolean => {
    if (typeof value === 'string') return isNameField && value === name
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || depth > MAX_DEPTH) return false
    if (Array.isArray(value)) return value.some((item) => look(item, isNameField, depth + 1))
    return Object.entries(value).some(([field, inner]) => look(inner, fields.test(field), depth + 1))
  }
  return look(request, false, 0)
}
