/** A profile in use: read, its secrets resolved, and its cluster guarded. Imported only when a command uses one. */
import { setChangeGuard } from '../client/change-guard.ts'
import { clientPropertiesOf } from '../config/profiles/client-properties.ts'
import { type Profile, ProfileFile } from '../config/profiles/profile-file.ts'
import type { Io } from './io.ts'
import { profileGuard } from './profile-guard.ts'

/** A profile and what the client is configured with. */
export interface OpenProfile {
  profile: Profile
  properties: ReadonlyMap<string, string>
}

/** By Io: one for every run of a command, so that nobody is asked for the same secret twice. */
const opened = new WeakMap<Io, Promise<OpenProfile>>()

const open = async (io: Io, name: string): Promise<OpenProfile> => {
  const profile = new ProfileFile(io.env).get(name)
  if (io.session !== undefined) {
    io.session.active = name
    io.session.guarded = profile.protected || profile.readOnly
  }
  // The guard stands before anything could be sent.
  setChangeGuard(profileGuard(profile, io))
  return { profile, properties: await clientPropertiesOf(profile, io.env) }
}

/**
 * Opens the profile of that name.
 * @throws ProfileError
 */
export const openProfile = (io: Io, name: string): Promise<OpenProfile> => {
  let opening = opened.get(io)
  if (opening === undefined) {
    opening = open(io, name)
    opened.set(io, opening)
  }
  return opening
}
