const hostPort = /^(?:[0-9a-zA-Z\-%._]*:\/\/)?\[?[0-9a-zA-Z\-%._:]*\]?:[0-9]+/

/**
 * Kafka's ToolsUtils.validateBootstrapServer.
 * @returns the complaint, or undefined when all is well
 */
export const bootstrapComplaint = (text: string | undefined): string | undefined => {
  if (text === undefined || text.trim() === '') return 'Error while validating the bootstrap address\n'
  const servers = text.split(',').filter((part, i, all) => part !== '' || all.slice(i).some((later) => later !== ''))
  return servers.every((server) => hostPort.test(server))
    ? undefined
    : 'Please provide valid host:port like host1:9091,host2:9092\n'
}
