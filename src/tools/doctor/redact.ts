const secretName = /password|secret|jaas|\.key$|token/i
/** Shorter ones would blot out half the text. */
const leastLength = 4

/**
 * Makes sure that no value of a secret setting is in what is printed, whoever wrote the text. A password that is also the user's
 * name stays: a blot in place of the name would tell it.
 * @param properties client properties by name
 */
export const redactor = (properties: ReadonlyMap<string, string>): ((text: string) => string) => {
  const secrets = new Set<string>()
  const plain = new Set<string>()
  for (const [name, value] of properties) {
    if (!secretName.test(name)) {
      plain.add(value)
      continue
    }
    if (!/jaas/i.test(name)) secrets.add(value)
    for (const [, key, quoted, bare] of value.matchAll(/([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/g)) {
      const isSecret = /password|secret|token(?!auth)/i.test(key!)
      ;(isSecret ? secrets : plain).add(quoted ?? bare ?? '')
    }
  }
  const words = [...secrets]
    .filter((word) => word.length >= leastLength && !plain.has(word))
    .sort((a, b) => b.length - a.length)
  return (text) => words.reduce((rest, word) => rest.replaceAll(word, '***'), text)
}
