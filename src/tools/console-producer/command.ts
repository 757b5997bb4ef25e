export const spec = null; export const run = null
