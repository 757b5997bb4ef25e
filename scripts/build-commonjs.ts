import { transform } from 'esbuild'

/** How esbuild ends the exports of what it turned into CommonJS: a copy of the object of getters that it has just made. */
const EXPORTS = /module\.exports=__toCommonJS\((\w+)\);?/

/** Other files of the bundle, and parts of Node, that are loaded when they are first needed. */
const LATER = /\bimport\("(\.{1,2}\/[^"]+\.js|node:[\w/]+)"\)/g

/** Stands for import.meta.url. */
const FILE_URL = 'ktFileUrl'

/** Modules from elsewhere. Code that comes out of a cache can't import by itself: src/start gives it a function that does. */
const IMPORT = /(?<![.\w$])import\(/g
const LOAD = 'ktLoad('

/**
 * Turns a file of the bundle into CommonJS, which Node loads sooner and which a code cache can hold (see src/start). esbuild splits ES modules
 * only, so this comes after it.
 *
 * Every use of another file's export goes through a getter. As esbuild leaves it, that is two of them, the outer one with a computed name, which
 * V8 can't inline: hot loops would pay for it. The inner object serves as well.
 */
export async function toCommonJs(text: string): Promise<string> {
  const { code } = await transform(text.replaceAll(LATER, 'Promise.resolve().then(()=>require("$1"))'), {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    define: { 'import.meta.url': FILE_URL },
  })
  const direct = code.replace(EXPORTS, (_all, exports: string) => {
    return `module.exports=Object.defineProperty(${exports},"__esModule",{value:true});`
  })
  // Sources are read as Latin-1. esbuild escapes all but what stands in regular expressions.
  const ascii = direct.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const importing = ascii.replace(IMPORT, LOAD)
  const load =
    importing === ascii ? '' : 'const ktLoad=typeof ktImport==="function"?ktImport:specifier=>import(specifier);'
  const url = ascii.includes(FILE_URL) ? `const ${FILE_URL}=require("node:url").pathToFileURL(__filename).href;` : ''
  return `"use strict";${url}${load}${importing}`
}
