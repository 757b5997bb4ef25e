/** What may differ, and why. `where` is matched against 'Api: case path: kafka | kt'. */
export const ACCEPTED: readonly { where: RegExp; reason: string }[] = []
