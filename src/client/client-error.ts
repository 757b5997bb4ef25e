/** The client's own errors. The class lives in src/net because connections throw it; users of the client import it from here. */
export { ClientError, type ClientErrorDetails, type ClientErrorReason } from '../net/client-error.ts'
