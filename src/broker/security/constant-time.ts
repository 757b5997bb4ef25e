import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const key = randomBytes(32)
const digest = (text: string | Buffer): Buffer => createHmac('sha256', key).update(text).digest()

/** Whether both are the same; takes as long whatever they have in common. */
export function equalInConstantTime(a: string | Buffer, b: string | Buffer): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

/** Bytes that stay the same for a name as long as the process lives, and that nobody can foretell. */
export function madeUpBytes(name: string, sizeBytes: number): Buffer {
  return createHmac('sha512', key).update(name).digest().subarray(0, sizeBytes)
}
