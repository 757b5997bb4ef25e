/** A number as an unscaled integer and a scale, as java.math.BigDecimal: `unscaled / 10 ** scale`. */
export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }
}
