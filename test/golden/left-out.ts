/** What a scenario needs and this version doesn't have: in kt's commands, or in its broker. */
interface LeftOut {
  why: string
  lacking: readonly ('commands' | 'broker')[]
}

const both = ['commands', 'broker'] as const

/**
 * Scenarios that can't pass yet, by name. Those that use a script kt has no command for need no line here.
 */
export const leftOut: Readonly<Record<string, LeftOut>> = {
  'configs-scram': { why: 'SCRAM credentials', lacking: both },
  'configs-users-quota': { why: 'quotas', lacking: both },
  'groups-describe-new-protocol': { why: 'KIP-848 groups', lacking: ['broker'] },
}
