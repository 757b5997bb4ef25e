/** Consecutive offsets that have the same state, as it is persisted. */
export interface StateBatch {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly deliveryState: number
  readonly deliveryCount: number
}

/** True when `a` is the newer news of the same offsets: more deliveries, or as many and a later state. */
function outranks(a: StateBatch, b: StateBatch): boolean {
  if (a.deliveryCount !== b.deliveryCount) return a.deliveryCount > b.deliveryCount
  return a.deliveryState > b.deliveryState
}

/** Appends a batch, as part of the last one where that has the same state and ends right before. */
function push(batches: StateBatch[], batch: StateBatch): void {
  const last = batches.at(-1)
  const continues =
    last !== undefined &&
    last.lastOffset + 1 === batch.firstOffset &&
    last.deliveryState === batch.deliveryState &&
    last.deliveryCount === batch.deliveryCount
  if (continues) batches[batches.length - 1] = { ...last, lastOffset: batch.lastOffset }
  else batches.push(batch)
}

/**
 * Merges batches that may overlap into the shortest list of disjoint ones, in order; where they overlap the one with more
 * deliveries counts.
 *
 * @param startOffset what lies below is dropped; -1 keeps everything
 */
export function combineBatches(
  older: readonly StateBatch[],
  newer: readonly StateBatch[],
  startOffset: number,
): StateBatch[] {
  const waiting = [...older, ...newer]
    .filter(({ lastOffset }) => lastOffset >= startOffset)
    .map((batch) => (batch.firstOffset < startOffset ? { ...batch, firstOffset: startOffset } : batch))
    .sort((a, b) => a.firstOffset - b.firstOffset)
  const combined: StateBatch[] = []
  let active: StateBatch[] = []
  let at = 0
  for (let next = 0; next < waiting.length || active.length > 0; ) {
    if (active.length === 0) at = waiting[next]!.firstOffset
    while (next < waiting.length && waiting[next]!.firstOffset <= at) active.push(waiting[next++]!)
    const best = active.reduce((a, b) => (outranks(b, a) ? b : a))
    const nextFirst = next < waiting.length ? waiting[next]!.firstOffset : Number.POSITIVE_INFINITY
    const lastOffset = Math.min(nextFirst - 1, best.lastOffset)
    push(combined, { ...best, firstOffset: at, lastOffset })
    at = lastOffset + 1
    active = active.filter((batch) => batch.lastOffset >= at)
  }
  return combined
}
