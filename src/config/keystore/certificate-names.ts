/** Issuer and subject of a certificate as they are encoded, for finding who signed it. */
import { DerError, derChildren, readDer } from '../../base/der.ts'

const VERSION_TAG = 0xa0

/** Fields of the signed part: serial number, algorithm, issuer, validity, subject … */
function field(certificate: Buffer, index: number): Buffer {
  const [tbs] = derChildren(readDer(certificate).content)
  const fields = tbs === undefined ? [] : derChildren(tbs.content)
  const found = fields[fields[0]?.tag === VERSION_TAG ? index + 1 : index]
  if (found === undefined) throw new DerError('it has an incomplete certificate')
  return found.whole
}

export const issuerName = (certificate: Buffer): Buffer => field(certificate, 2)
export const subjectName = (certificate: Buffer): Buffer => field(certificate, 4)
