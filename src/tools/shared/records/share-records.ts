import { ShareSnapshotKey, ShareSnapshotValue } from '../../../protocol/generated/data/share-snapshot.ts'
import { ShareUpdateKey, ShareUpdateValue } from '../../../protocol/generated/data/share-update.ts'
import shareSnapshotKey from '../../../protocol/schema/ShareSnapshotKey.json' with { type: 'json' }
import shareSnapshotValue from '../../../protocol/schema/ShareSnapshotValue.json' with { type: 'json' }
import shareUpdateKey from '../../../protocol/schema/ShareUpdateKey.json' with { type: 'json' }
import shareUpdateValue from '../../../protocol/schema/ShareUpdateValue.json' with { type: 'json' }
import { type RecordType, recordType } from './record-type.ts'

/** What stands in __share_group_state. */
export const types: readonly RecordType[] = [
  recordType(ShareSnapshotKey, shareSnapshotKey, ShareSnapshotValue, shareSnapshotValue),
  recordType(ShareUpdateKey, shareUpdateKey, ShareUpdateValue, shareUpdateValue),
]
