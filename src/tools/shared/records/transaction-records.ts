import { TransactionLogKey, TransactionLogValue } from '../../../protocol/generated/data/transaction-log.ts'
import transactionLogKey from '../../../protocol/schema/TransactionLogKey.json' with { type: 'json' }
import transactionLogValue from '../../../protocol/schema/TransactionLogValue.json' with { type: 'json' }
import { type RecordType, recordType } from './record-type.ts'

/** What stands in __transaction_state. */
export const types: readonly RecordType[] = [
  recordType(TransactionLogKey, transactionLogKey, TransactionLogValue, transactionLogValue),
]
