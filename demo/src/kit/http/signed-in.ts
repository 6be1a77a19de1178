import { Problem } from './problem.ts'
import type { ShopRequest } from './request.ts'

/** The signed-in user's id; 401 for a guest. */
export function signedIn(request: ShopRequest): string {
  if (request.userId !== undefined) return request.userId
  throw new Problem(401, 'sign in first', { 'www-authenticate': 'Bearer' })
}
