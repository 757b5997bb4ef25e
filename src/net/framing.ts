/** Bytes of the size field in front of every request and response. */
export const SIZE_BYTES = 4

/** A size field no Kafka peer would send: negative, or above the limit. `firstBytes` tells what speaks there instead. */
export class FrameSizeError extends Error {
  override readonly name = 'FrameSizeError'
  readonly sizeBytes: number
  /** What came instead of a sane size, at most 64 bytes. */
  readonly firstBytes: Buffer

  constructor(sizeBytes: number, maxFrameSizeBytes: number, firstBytes: Buffer) {
    super(`frame of ${sizeBytes} bytes: sizes from 0 to ${maxFrameSizeBytes} are accepted`)
    this.sizeBytes = sizeBytes
    this.firstBytes = firstBytes
  }
}

/**
 * Cuts a byte stream into Kafka's frames (int32 size, then that many bytes). A frame that lies within one chunk is a
 * `subarray` of it; only a frame cut by chunk borders is copied, once. What is held back is bounded by the frame limit plus one
 * chunk, and nothing is allocated for a size before its bytes have come.
 */
export class FrameSplitter {
  /** May be changed between frames. */
  maxFrameSizeBytes: number
  /** The start of an unfinished frame, its size field included. */
  private held: Buffer[] = []
  private heldBytes = 0
  /** Size of the unfinished frame without the size field; -1 as long as that is incomplete. */
  private frameBytes = -1

  constructor(maxFrameSizeBytes: number) {
    this.maxFrameSizeBytes = maxFrameSizeBytes
  }

  /** Bytes held back for an unfinished frame. */
  get pendingBytes(): number {
    return this.heldBytes
  }

  /**
   * Takes the next chunk of the stream and calls `onFrame` for each frame it completes, without the size field.
   *
   * @throws FrameSizeError for a size outside 0 … maxFrameSizeBytes; the stream is then not to be read further.
   */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let position = 0
    while (this.heldBytes > 0) {
      const target = this.frameBytes < 0 ? SIZE_BYTES : SIZE_BYTES + this.frameBytes
      const end = Math.min(position + target - this.heldBytes, chunk.length)
      this.hold(chunk.subarray(position, end))
      position = end
      if (this.heldBytes < target) return
      const joined = Buffer.concat(this.held, this.heldBytes)
      if (this.frameBytes < 0) {
        this.frameBytes = this.checkedSize(joined, 0, chunk.subarray(position))
        this.held = [joined]
        if (this.frameBytes > 0) continue
      }
      this.held = []
      this.heldBytes = 0
      this.frameBytes = -1
      onFrame(joined.subarray(SIZE_BYTES))
    }
    while (chunk.length - position >= SIZE_BYTES) {
      const size = this.checkedSize(chunk, position, chunk.subarray(position + SIZE_BYTES))
      const end = position + SIZE_BYTES + size
      if (end > chunk.length) {
        this.frameBytes = size
        break
      }
      const start = position + SIZE_BYTES
      position = end
      onFrame(chunk.subarray(start, end))
    }
    if (position < chunk.length) this.hold(chunk.subarray(position))
  }

  private hold(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.held.push(bytes)
    this.heldBytes += bytes.length
  }

  private checkedSize(buffer: Buffer, position: number, following: Buffer): number {
    const size = buffer.readInt32BE(position)
    if (size >= 0 && size <= this.maxFrameSizeBytes) return size
    const firstBytes = Buffer.concat([buffer.subarray(position, position + SIZE_BYTES), following.subarray(0, 60)])
    throw new FrameSizeError(size, this.maxFrameSizeBytes, firstBytes)
  }
}
