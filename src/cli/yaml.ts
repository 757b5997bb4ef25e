/**
 * The yaml package for whoever loads it late: it is CommonJS, of which a bundle gives `import()` no names.
 */
export { parse, stringify } from 'yaml'
