const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/

/** A number as an unscaled integer and a scale, as java.math.BigDecimal: `unscaled / 10 ** scale`. */
export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** @returns the number a text stands for, its scale kept (`1.50` has 2); null for what is no number */
  static parse(text: string): Decimal | null {
    const match = DECIMAL_TEXT.exec(text)
    if (match === null) return null
    const [, sign, whole = '', fraction = '', exponent = '0'] = match
    if (whole === '' && fraction === '') return null
    const scale = fraction.length - Number(exponent)
    if (Math.abs(scale) > 0x7fffffff) return null
    const digits = BigInt(whole + fraction)
    return new Decimal(sign === '-' ? -digits : digits, scale)
  }

  /** @returns the decimal number that prints as the double does, as BigDecimal.valueOf */
  static fromDouble(value: number): Decimal {
    const parsed = Decimal.parse(String(value))
    if (parsed === null) throw new RangeError('Infinite or NaN')
    return Number.isInteger(value) && parsed.scale === 0 ? new Decimal(parsed.unscaled * 10n, 1) : parsed
  }

  /** @param bytes the unscaled number in two's complement, big endian */
  static fromBytes(bytes: Uint8Array, scale: number): Decimal {
    if (bytes.length === 0) throw new RangeError('Zero length BigInteger')
    const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
    return new Decimal(BigInt.asIntN(bytes.length * 8, value), scale)
  }

  /** @returns the unscaled number in as few bytes of two's complement as hold it, big endian */
  unscaledBytes(): Buffer {
    const magnitude = this.unscaled < 0n ? ~this.unscaled : this.unscaled
    const bits = magnitude === 0n ? 0 : magnitude.toString(2).length
    const length = Math.floor(bits / 8) + 1
    return Buffer.from(
      BigInt.asUintN(length * 8, this.unscaled)
        .toString(16)
        .padStart(length * 2, '0'),
      'hex',
    )
  }

  /** Power of ten of the first digit. */
  private get magnitude(): number {
    return this.digits().length - 1 - this.scale
  }

  private digits(): string {
    return (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString()
  }

  /** @returns the integer it is exactly; null if it has a fraction or reaches 10 ** 20 */
  toSmallInteger(): bigint | null {
    if (this.unscaled === 0n) return 0n
    if (this.magnitude >= 20 || this.magnitude < 0) return null
    if (this.scale <= 0) return this.unscaled * 10n ** BigInt(-this.scale)
    const unit = 10n ** BigInt(this.scale)
    return this.unscaled % unit === 0n ? this.unscaled / unit : null
  }

  /** @returns the low 64 bits of the integer part, as BigDecimal.longValue */
  toLong(): bigint {
    if (this.unscaled === 0n || this.magnitude < 0) return 0n
    if (this.scale >= 0) return BigInt.asIntN(64, this.unscaled / 10n ** BigInt(this.scale))
    // 10 ** 64 is a multiple of 2 ** 64.
    return this.scale <= -64 ? 0n : BigInt.asIntN(64, this.unscaled * 10n ** BigInt(-this.scale))
  }

  toNumber(): number {
    return Number(`${this.unscaled}e${-this.scale}`)
  }

  equals(other: Decimal): boolean {
    return this.unscaled === other.unscaled && this.scale === other.scale
  }

  /** @returns the text of BigDecimal.toString: plain as long as there are few zeros, else with an exponent */
  toString(): string {
    const sign = this.unscaled < 0n ? '-' : ''
    const digits = this.digits()
    if (this.scale === 0) return sign + digits
    const exponent = this.magnitude
    if (this.scale > 0 && exponent >= -6) {
      const padded = digits.padStart(this.scale + 1, '0')
      return `${sign}${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`
    }
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits
    if (exponent === 0) return sign + mantissa
    return `${sign}${mantissa}E${exponent > 0 ? '+' : ''}${exponent}`
  }
}
