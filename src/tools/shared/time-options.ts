import { option } from '../../cli/option-spec.ts'

/** What an option that takes a time or a place in a log may be given, for help texts. */
export const timeWords =
  'an offset, earliest, latest, -N or +N (offsets from the end or the start), -1h, -2d3h, @2026-01-31T10:00, @yesterday:+2h …'

/** `--to`, on commands that move the offsets of groups. */
export const toOption = option(
  'to',
  'String',
  'time',
  `With --reset-offsets: move to ${timeWords}. Days and times are of the local zone unless they name one.`,
  { own: true, completion: ['earliest', 'latest', '@today', '@yesterday'] },
)
