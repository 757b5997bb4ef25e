import { type Io, println } from '../../cli/io.ts'
import { currentProfile } from '../../config/profiles/current.ts'
import { type Profile, ProfileFile } from '../../config/profiles/profile-file.ts'
import { shownValue } from '../../config/profiles/secrets.ts'
import { outputFormat, printStructured, type Row } from '../shared/structured.ts'
import type { Action } from './command.ts'

const chosen = (io: Io): string | undefined => io.env.KT_PROFILE || currentProfile(io.env)

const protection = ({ readOnly, protected: isProtected }: Profile): string =>
  readOnly ? 'read-only' : isProtected ? 'protected' : '-'

const protocol = ({ properties }: Profile): string => {
  const mechanism = properties.get('sasl.mechanism')
  const text = properties.get('security.protocol') ?? 'PLAINTEXT'
  return mechanism !== undefined && text.startsWith('SASL') ? `${text} ${mechanism}` : text
}

/** A profile for programs; secrets masked. */
const row = (profile: Profile, current: string | undefined): Row => ({
  name: profile.name,
  isCurrent: profile.name === current,
  bootstrap: profile.bootstrap,
  description: profile.description ?? null,
  isProtected: profile.protected,
  isReadOnly: profile.readOnly,
  colour: profile.colour ?? null,
  properties: Object.fromEntries([...profile.properties].map(([name, value]) => [name, shownValue(name, value)])),
})

/** How names are shown: in their colours, on terminals that have some. */
const painter = async (io: Io): Promise<(profile: Profile, text: string) => string> => {
  if (!io.colour) return (_profile, text) => text
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: 1 })
  return ({ colour }, text) => (colour === undefined ? text : chalk[colour](text))
}

/** `kt profile list`: one line each, the chosen one with a star. */
export const list: Action = async (_words, options, io) => {
  const format = outputFormat(options, io)
  const profiles = [...new ProfileFile(io.env).profiles.values()]
  const current = chosen(io)
  if (format !== undefined) {
    const columns = ['name', 'isCurrent', 'bootstrap', 'isProtected', 'isReadOnly', 'description']
    await printStructured(
      io,
      format,
      profiles.map((profile) => row(profile, current)),
      columns,
    )
    return 0
  }
  if (profiles.length === 0) {
    println(io.err, 'There are no profiles. `kt profile add NAME --bootstrap-server HOST:PORT` makes one.')
    return 0
  }
  const paint = await painter(io)
  const headers = ['NAME', 'BOOTSTRAP', 'SECURITY', 'CHANGES', 'DESCRIPTION']
  const rows = profiles.map((profile) => [
    profile.name,
    profile.bootstrap,
    protocol(profile),
    protection(profile),
    profile.description ?? '',
  ])
  const widths = headers.map((header, i) => Math.max(header.length, ...rows.map((cells) => cells[i]!.length)))
  const line = (mark: string, cells: readonly string[]): string =>
    `${mark} ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd()
  println(io.out, line(' ', headers))
  for (const [i, profile] of profiles.entries()) {
    const text = line(profile.name === current ? '*' : ' ', rows[i]!)
    println(
      io.out,
      text.replace(profile.name, () => paint(profile, profile.name)),
    )
  }
  return 0
}

/** `kt profile show [NAME]`: everything of a profile but its secrets. */
export const show: Action = async ([given], options, io) => {
  const format = outputFormat(options, io)
  const current = chosen(io)
  const name = given ?? current
  if (name === undefined) {
    println(io.out, 'No profile is chosen: commands use the embedded broker.')
    return 0
  }
  const profile = new ProfileFile(io.env).get(name)
  if (format !== undefined) {
    await printStructured(io, format, [row(profile, current)], ['name', 'bootstrap', 'isProtected', 'properties'])
    return 0
  }
  const lines: [string, string][] = [
    ['Profile', `${profile.name}${profile.name === current ? ' (in use)' : ''}`],
    ['Bootstrap', profile.bootstrap],
    ['Changes', profile.readOnly ? 'refused' : profile.protected ? 'have to be confirmed' : 'allowed'],
  ]
  if (profile.description !== undefined) lines.push(['About', profile.description])
  for (const [title, text] of lines) println(io.out, `${`${title}:`.padEnd(11)}${text}`)
  for (const [property, value] of profile.properties) println(io.out, `  ${property}=${shownValue(property, value)}`)
  return 0
}
