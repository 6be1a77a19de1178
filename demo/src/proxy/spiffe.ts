const prefix = 'spiffe://shop/sa/'

/** The name of a service in its certificate: a URI in SPIFFE's form. */
export function spiffeId(service: string): string {
  return prefix + service
}

/**
 * The service in a certificate's subject alternative names as Node writes them
 * ('URI:spiffe://shop/sa/cart, DNS:x'); undefined when there is none of the shop.
 */
export function serviceOf(subjectAltName: string | undefined): string | undefined {
  const uri = (subjectAltName ?? '').split(', ').find(name => name.startsWith(`URI:${prefix}`))
  const service = uri?.slice(`URI:${prefix}`.length)
  return service === '' ? undefined : service
}
