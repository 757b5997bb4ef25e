import { describe, expect, it } from 'vitest'
import { firstRecordIn } from '../../src/client/admin/first-records.ts'
