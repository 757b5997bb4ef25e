import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's young generation as small as it is at the start (1 MiB), for a process that is a broker and nothing else. Left alone it
 * grows to 2 × 16 MiB, which a broker's few small objects take long to fill; meanwhile the buffers that sockets were read into
 * stay around, until there are so many that the whole heap has to be marked. Many small collections cost less time and memory than those.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
