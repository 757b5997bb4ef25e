/** One measurement: kt beside its peers, and whether the goal is met. */
export interface Row {
  what: string
  unit: string
  values: Map<string, number>
  goal: string
  /** Undefined when a peer that the goal speaks of is absent. */
  met: boolean | undefined
}

const rows: Row[] = []

/** Notes a measurement and prints it at once. */
export function report(row: Row): void {
  rows.push(row)
  const values = [...row.values].map(([name, value]) => `${name} ${format(value)}`).join(', ')
  const verdict = row.met === undefined ? 'not judged' : row.met ? 'met' : 'MISSED'
  console.log(`${row.what}: ${values} ${row.unit}; goal ${row.goal}: ${verdict}`)
}

const format = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

/** Prints how many goals were met; true when none was missed. */
export function summary(): boolean {
  const missed = rows.filter((row) => row.met === false).length
  const met = rows.filter((row) => row.met === true).length
  console.log(`${met} goals met, ${missed} missed, ${rows.length - met - missed} not judged`)
  return missed === 0 && rows.length > 0
}

/** Compares when both are there. */
export function judge(
  kt: number | undefined,
  peer: number | undefined,
  test: (kt: number, peer: number) => boolean,
): boolean | undefined {
  return kt === undefined || peer === undefined || Number.isNaN(kt) || Number.isNaN(peer) ? undefined : test(kt, peer)
}
