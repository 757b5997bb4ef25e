import { errorInfo } from '../../protocol/errors.ts'

/** The message of an answer, where Kafka leaves out one that says no more than the code. */
export function messageBeyond(errorCode: number, message: string | null): string | null {
  return message === errorInfo(errorCode).message ? null : message
}
