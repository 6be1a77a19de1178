import { scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const salt = 'shop-demo'
const blockSize = 8

const derive = promisify(scrypt) as (
  password: string,
  salt: string,
  bytes: number,
  options: { N: number; r: number; maxmem: number },
) => Promise<Buffer>

/** scrypt takes powers of two only; the nearest one. */
function hashOf(password: string, cost: number): Promise<Buffer> {
  const N = 2 ** Math.max(1, Math.round(Math.log2(cost)))
  return derive(password, salt, 32, { N, r: blockSize, maxmem: 256 * N * blockSize })
}

/**
 * Says whether a password is one of those accepted. Each check costs what `cost` (scrypt's N) says
 * at that moment, whether the password is right or wrong.
 */
export function passwordCheck(
  accepted: readonly string[],
  cost: () => number,
): (password: string) => Promise<boolean> {
  let known = { cost: 0, hashes: Promise.resolve<Buffer[]>([]) }
  return async password => {
    const now = cost()
    if (known.cost !== now) {
      known = { cost: now, hashes: Promise.all(accepted.map(one => hashOf(one, now))) }
    }
    const [hash, hashes] = await Promise.all([hashOf(password, now), known.hashes])
    return hashes.some(one => timingSafeEqual(one, hash))
  }
}
