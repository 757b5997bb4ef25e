import fc, { type Arbitrary } from 'fast-check'

/** Texts that look like values, some broken. */
export const readableTexts: Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'[]{}":,\\ 1a-.e') }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '[',
          ']',
          '{',
          '}',
          ',',
          ':',
          '"',
          ' ',
          '\\',
          'true',
          'false',
          'null',
          '1',
          '-5',
          '+7',
          '300',
          '70000',
          '1.5',
          '1e40',
        ],
        ...[
          '5000000000',
          '99999999999999999999',
          '"a"',
          '"b c"',
          'word',
          '2020-02-03',
          '"2020-02-03"',
          '12:34:56.789Z',
          '1.0',
        ],
        ...[
          '2020-02-03T12:34:56.789Z',
          '12\\:34\\:56.789Z',
          '0.000001',
          '1e400',
          '00012',
          '1,',
          '[1,2]',
          '{"a":1}',
          '{1:[true]}',
        ],
      ),
      { maxLength: 7 },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '[1, 2.5, 300]',
    '[1, "a"]',
    '{"a": [1, 2], "b": [3.5]}',
    '{"a": null}',
    '[[1],[2]]',
    '[null]',
    '[]',
    '{}',
    '2020-13-45',
  ),
)
