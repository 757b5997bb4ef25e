/** What a scenario needs and this version doesn't have: in kt's commands, or in its broker. */
interface LeftOut {
  why: string
  lacking: readonly ('commands' | 'broker')[]
}

const broker = ['broker'] as const
const both = ['commands', 'broker'] as const

/**
 * Scenarios that can't pass yet, by name. Those that use a script kt has no command for need no line here when kt is the client.
 */
export const leftOut: Readonly<Record<string, LeftOut>> = {
  'acls-disabled': { why: 'ACLs', lacking: broker },
  'cluster-tool': { why: 'removing brokers from the cluster', lacking: broker },
  'configs-scram': { why: 'SCRAM credentials', lacking: both },
  'configs-users-quota': { why: 'quotas', lacking: both },
  features: { why: 'changing features', lacking: broker },
  'leader-election': { why: 'leader elections', lacking: broker },
  'quorum-describe': { why: 'describing the quorum', lacking: broker },
  reassign: { why: 'moving partitions', lacking: broker },
  'share-consume': { why: 'share groups', lacking: broker },
  'share-errors': { why: 'share groups', lacking: broker },
  'streams-groups': { why: 'streams groups', lacking: broker },
}
