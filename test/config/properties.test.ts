import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatProperties, parseProperties, readPropertiesFile } from '../../src/config/properties.ts'

const JAVA_SAMPLE = String.raw`# c
! d
a=1
b:2
c 3
d = 4${' '}
  e  :  5
f\ g=6
h\:i=7
j=x\
   y
k
l=\u00e9\t\n\\z
m=a=b
=n
o\=p=q
r=\

s=t\\
u=\q
v=#x
\#x=1
last=1\
`

describe('properties', () => {
  it('reads what java.util.Properties reads', () => {
    expect(Object.fromEntries(parseProperties(JAVA_SAMPLE))).toEqual({
      '': 'n',
      '#x': '1',
      a: '1',
      b: '2',
      c: '3',
      d: '4 ',
      e: '5',
      'f g': '6',
      'h:i': '7',
      j: 'xy',
      k: '',
      l: 'é\t\n\\z',
      last: '1',
      m: 'a=b',
      'o=p': 'q',
      r: '',
      s: 't\\',
      u: 'q',
      v: '#x',
    })
  })

  it('keeps the last value of a key and takes all line ends', () => {
    expect([...parseProperties('a=1\r\nb=2\ra=3')]).toEqual([
      ['a', '3'],
      ['b', '2'],
    ])
  })

  it('refuses a malformed escape', () => {
    expect(() => parseProperties('a=\\u12')).toThrow('Malformed \\uxxxx encoding.')
  })

  it('writes what it reads back', () => {
    expect(formatProperties([[' a b', '  x:y=z#!\\\té']])).toBe('\\ a\\ b=\\  x\\:y\\=z\\#\\!\\\\\\t\\u00e9\n')
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.dictionary(text, text), (record) => {
        expect(parseProperties(formatProperties(Object.entries(record)))).toEqual(new Map(Object.entries(record)))
      }),
    )
  })

  describe('files', () => {
    let dir: string
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), 'kt-properties-'))
    })
    afterEach(() => rmSync(dir, { recursive: true }))

    it('are read as ISO-8859-1', () => {
      const path = join(dir, 'x.properties')
      writeFileSync(path, Buffer.from('a=\xe9', 'latin1'))
      expect(readPropertiesFile(path).get('a')).toBe('é')
    })
  })
})
