/**
 * profiles.yaml: clusters by name. Read with the yaml package and checked with zod, so it is to be imported only where a profile
 * is used. Written as the document it was read as: comments and order stay.
 */
import { readFileSync } from 'node:fs'
import { type Document, parseDocument } from 'yaml'
import { z } from 'zod'
import { parseBootstrapServers } from '../bootstrap-servers.ts'
import { type Environment, profilesPath } from './places.ts'
import { ProfileError } from './profile-error.ts'
import { writePrivately } from './write-privately.ts'

/** What a profile may be coloured with. */
export const COLOURS = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const

/** A cluster by name. */
export interface Profile {
  name: string
  /** host:port, several with commas. */
  bootstrap: string
  /** Java client properties, and `sasl.username` and `sasl.password`, as they stand in the file: secrets are not resolved. */
  properties: ReadonlyMap<string, string>
  /** Changes need the profile's name, typed or with --confirm. */
  protected: boolean
  /** Changes are refused. */
  readOnly: boolean
  description?: string | undefined
  colour?: (typeof COLOURS)[number] | undefined
}

const servers = z.string().refine(
  (text) => {
    try {
      return parseBootstrapServers(text.split(',').map((one) => one.trim())).length > 0
    } catch {
      return false
    }
  },
  { error: 'expected host:port, several with commas' },
)

const profileSchema = z.strictObject({
  bootstrap: z.union(
    [
      servers,
      z
        .array(servers)
        .min(1)
        .transform((list) => list.join(',')),
    ],
    {
      error: 'expected host:port, several with commas or as a list',
    },
  ),
  description: z.string().optional(),
  colour: z.enum(COLOURS).optional(),
  protected: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).nullish(),
})

const fileSchema = z.strictObject({ profiles: z.record(z.string(), profileSchema).nullish() })

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** @throws ProfileError unless this may be a profile's name */
export const checkName = (name: string): void => {
  if (name === 'embedded') throw new ProfileError("'embedded' is the name of the embedded broker; choose another name.")
  if (NAME.test(name)) return
  throw new ProfileError(
    `'${name}' can't be the name of a profile.`,
    'Letters, digits, dots, dashes and underscores, a letter or digit first.',
  )
}

const complain = (path: string, issues: readonly z.core.$ZodIssue[]): never => {
  const texts = issues.map((issue) => {
    const field = issue.path.join('.')
    return `${path}: ${field === '' ? '' : `${field}: `}${issue.message}`
  })
  throw new ProfileError(
    texts.join('\n'),
    'Mend the file by hand, or write the profile anew with `kt profile add NAME --force`.',
  )
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    const { message } = error as Error
    throw new ProfileError(`The profiles can't be read: ${message}`, `See who may read ${path}.`, { cause: error })
  }
}

/** All profiles, and the way to change them. */
export class ProfileFile {
  readonly path: string
  readonly profiles: ReadonlyMap<string, Profile>
  readonly #document: Document

  /**
   * Reads the file; one that does not exist has no profiles.
   * @throws ProfileError naming file, field and mend
   */
  constructor(env: Environment) {
    this.path = profilesPath(env)
    this.#document = parseDocument(readText(this.path))
    const [broken] = this.#document.errors
    if (broken !== undefined) {
      const reason = broken.message.split('\n', 1)[0]!.replace(/:$/, '')
      throw new ProfileError(`${this.path} is no YAML: ${reason}`, 'Mend that line.')
    }
    this.profiles = this.#check()
  }

  #check(): Map<string, Profile> {
    const checked = fileSchema.safeParse(this.#document.toJS() ?? {})
    if (!checked.success) return complain(this.path, checked.error.issues)
    const profiles = new Map<string, Profile>()
    for (const [name, { properties, ...rest }] of Object.entries(checked.data.profiles ?? {})) {
      profiles.set(name, { name, ...rest, properties: new Map(Object.entries(properties ?? {})) })
    }
    return profiles
  }

  /** @throws ProfileError when there is no profile of that name */
  get(name: string): Profile {
    const profile = this.profiles.get(name)
    if (profile !== undefined) return profile
    const names = [...this.profiles.keys()]
    const there = names.length > 0 ? `The profiles are ${names.join(', ')}; ` : 'There are none yet; '
    throw new ProfileError(
      `There is no profile '${name}' in ${this.path}.`,
      `${there}\`kt profile add ${name}\` makes it.`,
    )
  }

  /** Adds or replaces profiles, and writes the file. Throws ProfileError when one isn't right; then nothing is written. */
  put(profiles: readonly Profile[]): void {
    for (const profile of profiles) {
      checkName(profile.name)
      this.#document.setIn(['profiles', profile.name], this.#document.createNode(plain(profile)))
    }
    this.#check()
    writePrivately(this.path, this.#document.toString({ lineWidth: 0 }))
  }

  /** Removes a profile. Throws ProfileError when it isn't there. */
  remove(name: string): void {
    this.get(name)
    this.#document.deleteIn(['profiles', name])
    writePrivately(this.path, this.#document.toString({ lineWidth: 0 }))
  }
}

const plain = (profile: Profile): Record<string, unknown> => ({
  bootstrap: profile.bootstrap,
  ...(profile.description === undefined ? {} : { description: profile.description }),
  ...(profile.colour === undefined ? {} : { colour: profile.colour }),
  ...(profile.protected ? { protected: true } : {}),
  ...(profile.readOnly ? { readOnly: true } : {}),
  ...(profile.properties.size === 0 ? {} : { properties: Object.fromEntries(profile.properties) }),
})
