import type { ReplicaAdmin } from './replica-types.ts'
import type { ShareGroupAdmin } from './share-group-types.ts'
import type { StreamsGroupAdmin } from './streams-group-types.ts'
import type { TransactionAdmin } from './transaction-types.ts'
import type { Admin } from './types.ts'

/** Everything an administrative client can do. `Admin` is the part that most commands need. */
export interface FullAdmin extends Admin, TransactionAdmin, ReplicaAdmin, ShareGroupAdmin, StreamsGroupAdmin {}
