import type { Controller } from './controller/controller.ts'

/** Hands out producer ids from blocks that the controller reserves, so that no id is given twice, not even after a crash. */
export class ProducerIds {
  private readonly controller: Controller
  private next_ = 0
  private left = 0
  private reserving: Promise<void> | undefined

  constructor(controller: Controller) {
    this.controller = controller
  }

  /** A producer id never given before. */
  async next(): Promise<number> {
    while (this.left === 0) {
      this.reserving ??= this.reserve()
      await this.reserving
    }
    this.left--
    return this.next_++
  }

  private async reserve(): Promise<void> {
    try {
      const block = await this.controller.allocateProducerIds()
      this.next_ = block.first
      this.left = block.count
    } finally {
      this.reserving = undefined
    }
  }
}
