import { javaDoubleText } from '../../config/java-number.ts'

/** @returns the text of Java's Float.toString: the fewest digits that make the same 32-bit number */
export function floatText(value: number): string {
  return javaDoubleText(shortestFloat(value))
}

/** @returns the double with the fewest digits that is nearest to the same 32-bit number */
export function shortestFloat(value: number): number {
  const float = Math.fround(value)
  if (!Number.isFinite(float) || float === 0) return float
  for (let digits = 1; digits < 10; digits++) {
    const candidate = Number(float.toPrecision(digits))
    if (Math.fround(candidate) === float) return candidate
  }
  return float
}
