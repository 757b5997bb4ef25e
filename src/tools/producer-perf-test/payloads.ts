import type { PerfSettings } from './settings.ts'

/** Where the next record's bytes are. */
export interface Slice {
  source: Buffer
  start: number
  end: number
}

/** Random letters are made once and handed out in slices; making them anew for each record would be most of the work. */
const POOL_BYTES = 4 * 1024 * 1024
const LETTERS = 26
const UPPER_A = 65

/** A small fast generator (xorshift); the same letters in every run, as in Kafka's tool. */
const randomLetters = (sizeBytes: number): Buffer => {
  const pool = Buffer.allocUnsafe(sizeBytes)
  let state = 0x9e3779b9
  for (let i = 0; i < sizeBytes; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    pool[i] = UPPER_A + ((state >>> 0) % LETTERS)
  }
  return pool
}

/**
 * What the records of a run consist of. The same object is returned every time.
 * @param index of the record
 */
export const payloadSource = (settings: PerfSettings): ((index: number) => Slice) => {
  const { payloads, recordSize, isMonotonic } = settings
  if (payloads.length > 0) {
    const slices = payloads.map((source) => ({ source, start: 0, end: source.length }))
    return () => slices[Math.floor(Math.random() * slices.length)]!
  }
  if (recordSize !== null) {
    const pool = randomLetters(Math.max(POOL_BYTES, recordSize))
    const slice: Slice = { source: pool, start: 0, end: recordSize }
    let next = 0
    return () => {
      if (next + recordSize > pool.length)
        next = Math.floor(Math.random() * Math.min(recordSize, pool.length - recordSize + 1))
      slice.start = next
      slice.end = next + recordSize
      next = slice.end
      return slice
    }
  }
  if (!isMonotonic) throw new Error('No payload file, record size or payload-monotonic option provided.')
  return (index) => {
    const source = Buffer.from(String(index))
    return { source, start: 0, end: source.length }
  }
}
