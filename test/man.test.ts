import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandPage, type ManCommand } from '../scripts/man-page.ts'
import { commandLoaders, loadSpecs } from '../src/cli/commands.ts'

const folder = join(import.meta.dirname, '../man')
const specs = await loadSpecs()
const page = (name: string): string => readFileSync(join(folder, `kt-${name}.1`), 'utf8')

/** The text of one section. */
const section = (text: string, title: string): string | undefined =>
  text.split(/^\.SH /m).find((part) => part.startsWith(`${title}\n`))

/** The options that an example names, as far as it is kt's part of a line. */
const optionsIn = (example: string): string[] =>
  [
    ...example
      .replace(/'[^']*'|"[^"]*"/g, '_')
      .split(/ [|>&<]/)[0]!
      .matchAll(/(?:^| )--([\w.-]+)/g),
  ].map(([, name]) => name!)

describe('man pages', () => {
  it('are there for every command and no other', () => {
    expect(readdirSync(folder).toSorted()).toEqual(
      ['kt.1', ...Object.keys(commandLoaders).map((name) => `kt-${name}.1`)].toSorted(),
    )
  })

  it.each(specs.map((spec) => [spec.name, spec] as const))(
    'kt %s: all sections, and examples that hold',
    (name, spec) => {
      const text = page(name)
      for (const title of [
        'NAME',
        'SYNOPSIS',
        'DESCRIPTION',
        'OPTIONS',
        'EXAMPLES',
        'EXIT STATUS',
        'ENVIRONMENT',
        'SEE ALSO',
      ])
        expect(section(text, title), title).toBeDefined()
      expect(spec.examples.length).toBeGreaterThan(0)
      const known = spec.options.map((option) => option.name)
      for (const { description, command } of spec.examples) {
        expect(description).not.toBe('')
        expect(known, command).toEqual(expect.arrayContaining(optionsIn(command)))
      }
      const variables = section(text, 'ENVIRONMENT')!
      expect(variables.includes('KT_BOOTSTRAP_SERVER')).toBe(
        known.includes('bootstrap-server') || name === 'completion',
      )
      for (const variable of ['KT_DEBUG', 'NO_COLOR']) expect(variables).toContain(variable)
      // kt(1), and commands that are near; each of them exists.
      const others = [
        ...section(text, 'SEE ALSO')!
          .replaceAll('\\-', '-')
          .matchAll(/kt-([\w-]+)/g),
      ].map(([, other]) => other!)
      expect(section(text, 'SEE ALSO')).toContain('\\fBkt\\fR(1)')
      expect(Object.keys(commandLoaders)).toEqual(expect.arrayContaining(others))
      expect(others).not.toContain(name)
    },
  )

  it('have no section of examples without examples', () => {
    const command: ManCommand = { id: 'x', flags: {}, args: {} }
    expect(section(commandPage(command, [command], '1'), 'EXAMPLES')).toBeUndefined()
  })
})
