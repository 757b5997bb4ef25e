const secretName = /password|secret|jaas|\.key$|token/i
/** Shorter ones would blot out half the text. */
const leastLength = 4

/**
 * Makes sure that no value of a secret setting is in what is printed, whoever wrote the text.
 * @param properties client properties by name
 */
export const redactor = (properties: ReadonlyMap<string, string>): ((text: string) => string) => {
  const secrets = new Set<string>()
  for (const [name, value] of properties) {
    if (!secretName.test(name)) continue
    if (!/jaas/i.test(name)) secrets.add(value)
    for (const [, key, quoted, bare] of value.matchAll(/([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/g)) {
      if (/password|secret|token(?!auth)/i.test(key!)) secrets.add(quoted ?? bare ?? '')
    }
  }
  const words = [...secrets].filter((word) => word.length >= leastLength).sort((a, b) => b.length - a.length)
  return (text) => words.reduce((rest, word) => rest.replaceAll(word, '***'), text)
}
