/** A pattern that RE2 doesn't take; `message` is RE2's own description, as Kafka passes it on. */
export class Re2SyntaxError extends Error {
  override readonly name = 'Re2SyntaxError'
}

export const Re2Message = {
  INTERNAL: 'regexp/syntax: internal error',
  CHAR_RANGE: 'invalid character class range',
  ESCAPE: 'invalid escape sequence',
  NAMED_CAPTURE: 'invalid named capture',
  PERL_OP: 'invalid or unsupported Perl syntax',
  REPEAT_OP: 'invalid nested repetition operator',
  REPEAT_SIZE: 'invalid repeat count',
  MISSING_BRACKET: 'missing closing ]',
  MISSING_PAREN: 'missing closing )',
  MISSING_ARGUMENT: 'missing argument to repetition operator',
  TRAILING_BACKSLASH: 'trailing backslash at end of expression',
  DUPLICATE_NAME: 'duplicate capture group name',
} as const
