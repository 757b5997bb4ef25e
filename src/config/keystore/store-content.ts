/** What a key or trust store holds, in DER. */
export interface StoreContent {
  readonly keys: readonly KeyEntry[]
  /** Certificates that are trusted by themselves. */
  readonly trusted: readonly Buffer[]
}

export interface KeyEntry {
  readonly alias: string
  /** Decrypts the key, PKCS#8. @throws StoreError */
  key(password: string | null): Buffer
  /** The key's certificate first, then who signed it. */
  readonly chain: readonly Buffer[]
}
