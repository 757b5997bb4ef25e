/**
 * Checks topic configs as Kafka's LogConfig.validate does, before anything is sent: unknown names, then values.
 * @throws Error with Kafka's message
 */
export const validateTopicConfigs = async (configs: ReadonlyMap<string, string>): Promise<void> => {
  if (configs.size === 0) return
  const { validateTopicConfig } = await import('../../config/topic-config.ts')
  validateTopicConfig(configs)
}
