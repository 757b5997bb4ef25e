import { println } from '../../cli/io.ts'
import { currentProfile, EMBEDDED, setCurrentProfile } from '../../config/profiles/current.ts'
import { ProfileFile } from '../../config/profiles/profile-file.ts'
import { keyringPlaceOf, removeFromKeyring } from '../../config/profiles/secrets.ts'
import { confirmDestructive } from '../shared/ask.ts'
import type { Action } from './command.ts'

/** `kt profile use NAME`: the profile of all commands from now on. */
export const use: Action = async ([name = ''], _options, io) => {
  if (name === EMBEDDED) {
    setCurrentProfile(io.env, undefined)
    println(io.out, 'Commands use the embedded broker.')
  } else {
    const { bootstrap } = new ProfileFile(io.env).get(name)
    setCurrentProfile(io.env, name)
    println(io.out, `Commands use profile '${name}' (${bootstrap}).`)
  }
  for (const variable of ['KT_BOOTSTRAP_SERVER', 'KT_PROFILE']) {
    if (io.env[variable]) println(io.err, `WARN ${variable}=${io.env[variable]} is set and goes before that.`)
  }
  return 0
}

/** `kt profile remove NAME`. */
export const remove: Action = async ([name = ''], options, io) => {
  const file = new ProfileFile(io.env)
  const profile = file.get(name)
  await confirmDestructive(io, options, `Remove profile '${name}' (${profile.bootstrap})?`)
  file.remove(name)
  println(io.out, `Removed profile '${name}'.`)
  if (currentProfile(io.env) === name) {
    setCurrentProfile(io.env, undefined)
    println(io.out, 'Commands use the embedded broker.')
  }
  for (const [property, value] of profile.properties) {
    if (value === `keyring:${keyringPlaceOf(name, property)}`) {
      await removeFromKeyring(keyringPlaceOf(name, property))
      println(io.err, `Removed its secret from the keyring (${value}).`)
    } else if (value.startsWith('keyring:')) println(io.err, `The keyring still has the secret ${value}.`)
  }
  return 0
}
