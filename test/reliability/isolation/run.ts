import { BrokerUnderFire } from './broker-under-fire.ts'
import { type IsolationReport, Workload } from './workload.ts'

/** Runs the workload against a broker under fire. */
export async function runIsolation(
  durationMs: number,
  meanPauseMs: number,
): Promise<IsolationReport & { kills: number }> {
  const broker = await BrokerUnderFire.start()
  try {
    const [report] = await Promise.all([new Workload(broker).run(), broker.rage(durationMs, meanPauseMs)])
    return { ...report, kills: broker.kills }
  } finally {
    await broker.close()
  }
}
