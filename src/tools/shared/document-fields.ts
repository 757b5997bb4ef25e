/**
 * The fields of the documents that `--output json|yaml` prints. One name for one thing in all of them:
 * - camelCase; a thing goes by its plain name (`topic`, `group`, `user`), a role by the id of the node that has it (`leader`, `isr`);
 * - units last (`sizeBytes`, `lagMs`), times as `…TimestampMs` since 1970, counts as `…Count`, yes or no as `is…`;
 * - numbers are numbers, what is absent or unknown is null, nothing is text that has to be taken apart.
 */
import { z } from 'zod'

/** What an action prints: a list of rows, or with `isStream` a row a line. */
export interface DocumentSpec {
  /** Name of the schema: `topics-describe`. */
  name: string
  command: string
  /** The action, as on the command line. */
  action: string
  row: z.ZodType
  isStream?: true
}

const whole = (description: string) => z.int().describe(description)
const text = (description: string) => z.string().describe(description)

export const topic = text('Name of the topic')
export const topicId = text('Id of the topic, 22 characters')
export const partition = whole('Number of the partition').min(0)
export const topicPartition = z.strictObject({ topic, partition })
export const offset = (description: string) => whole(description)
export const offsetOrNull = (description: string) => whole(description).nullable()
export const lag = whole('Records behind the end of the log; null when one of both is unknown').nullable()
export const leaderEpoch = whole('Leader epoch; null when there is none').nullable()
export const nodeId = whole('Id of the node: the broker, or the controller')
export const nodeIds = (description: string) => z.array(nodeId).describe(description)
export const host = text('Host')
export const port = whole('Port')
export const rack = text('Rack of the node').nullable()
export const timestampMs = (description: string) => whole(`${description}, in ms since 1970`)
export const epoch = (description: string) => whole(description).nullable()

export const group = text('Id of the group')
export const groupType = z.enum(['classic', 'consumer', 'share', 'streams']).nullable()
export const groupState = text(
  "State of the group in Kafka's words: Stable, Empty …; null when the broker doesn't say",
).nullable()
export const memberId = text('Id of the member')
export const clientId = text('Client id')
export const memberHost = text('Where the member connects from, as the broker saw it')

export const producerId = whole('Id of the producer')
export const producerEpoch = whole('Epoch of the producer')
export const transactionalId = text('Transactional id')

export const errorFields = {
  kind: z
    .enum(['usage', 'connection', 'broker', 'partial', 'other'])
    .describe("Wrong arguments, the way to the cluster, the cluster's answer, several failures, or anything else"),
  name: z
    .string()
    .nullable()
    .describe(
      "Kafka's name of the error (UNKNOWN_TOPIC_OR_PARTITION), or the client's reason (refused, timeout, dns …)",
    ),
  code: z.int().nullable().describe("Kafka's number of the error"),
  class: z.string().nullable().describe('What Java calls it'),
  message: z.string().describe('The message'),
  detail: z.string().nullable().describe('What lies behind'),
  nextStep: z.string().nullable().describe('What to do'),
  isRetriable: z.boolean().nullable().describe('May the same succeed a moment later?'),
}

/** Why this row's thing failed. */
export const rowError = z.strictObject(errorFields).nullable().describe('Why it failed; null when it did not')

/** What standard error gets when a command fails. */
export const errorDocumentSchema = z.strictObject({
  error: z.strictObject({
    ...errorFields,
    exitCode: z.int().describe('What the process ends with'),
    failures: z
      .array(z.looseObject(errorFields))
      .describe(
        'What failed of the things asked for: each with the fields that name it in the documents, and its own error',
      ),
    output: z.array(z.string()).describe("What was said in Kafka's words until then, line by line"),
  }),
})
