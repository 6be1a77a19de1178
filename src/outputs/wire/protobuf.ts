/**
 * Protocol buffers, written from plain objects: a schema says which number and wire type a key has.
 * The same object as JSON is what the protobuf JSON mapping asks for, but for 'doubleBits'.
 */
export type Schema = Readonly<Record<string, Field>>
export type Field = readonly [number: number, kind: Kind | Schema | (() => Schema)]
export type Kind =
  | 'string'
  /** Hex digits in the object, bytes on the wire. */
  | 'hex'
  | 'double'
  /** A number, or a bigint that is the double's 64 bits (a NaN of a certain kind). */
  | 'doubleBits'
  /** Zero or more. */
  | 'uint'
  /** Zigzag. */
  | 'sint'
  /** Number or decimal text. */
  | 'fixed64'
  | 'bool'

/** The message `value` of the schema. A key that is undefined is left out; a list is repeated. */
export function encodeMessage(schema: Schema, value: object): Uint8Array {
  const writer = new Writer()
  writer.message(schema, value as Message)
  return writer.taken()
}

type Message = Readonly<Record<string, unknown>>

const wireTypes: Readonly<Record<Kind, number>> = {
  ...{ string: 2, hex: 2, double: 1, doubleBits: 1 },
  ...{ uint: 0, sint: 0, fixed64: 1, bool: 0 },
}
const utf8 = new TextEncoder()

class Writer {
  #bytes = new Uint8Array(1 << 16)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  taken(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  message(schema: Schema, message: Message): void {
    for (const key in message) {
      const value = message[key]
      if (value === undefined) continue
      const [number, kind] = schema[key]!
      if (!Array.isArray(value)) this.#field(number, kind, value)
      else if (typeof kind === 'string' && wireTypes[kind] !== 2) this.#packed(number, kind, value)
      else for (const item of value) this.#field(number, kind, item)
    }
  }

  #field(number: number, kind: Field[1], value: unknown): void {
    if (typeof kind === 'string') {
      this.#varint(number * 8 + wireTypes[kind])
      return this.#scalar(kind, value)
    }
    const schema = typeof kind === 'function' ? kind() : kind
    this.#varint(number * 8 + 2)
    this.#sized(() => this.message(schema, value as Message))
  }

  #packed(number: number, kind: Kind, values: readonly unknown[]): void {
    if (values.length === 0) return
    this.#varint(number * 8 + 2)
    this.#sized(() => {
      for (const value of values) this.#scalar(kind, value)
    })
  }

  /** What `write` writes, with its length before it: moved up once the length is known. */
  #sized(write: () => void): void {
    const lengthAt = this.#at
    this.#room(1)
    this.#at += 1
    write()
    const length = this.#at - lengthAt - 1
    const more = varintLength(length) - 1
    if (more > 0) {
      this.#room(more)
      this.#bytes.copyWithin(lengthAt + 1 + more, lengthAt + 1, this.#at)
    }
    this.#at = lengthAt
    this.#varint(length)
    this.#at += length
  }

  #scalar(kind: Kind, value: unknown): void {
    switch (kind) {
      case 'string':
        return this.#chunk(utf8.encode(String(value)))
      case 'hex':
        return this.#chunk(Buffer.from(String(value), 'hex'))
      case 'uint':
        return this.#varint(Number(value))
      case 'bool':
        return this.#varint(value === true ? 1 : 0)
      case 'sint':
        return this.#varint(zigzag(Number(value)))
      case 'fixed64':
        return this.#word(view => view.setBigUint64(this.#at, BigInt(value as string), true))
      case 'double':
      case 'doubleBits':
        return this.#word(view =>
          typeof value === 'bigint'
            ? view.setBigUint64(this.#at, value, true)
            : view.setFloat64(this.#at, Number(value), true),
        )
    }
  }

  #chunk(bytes: Uint8Array): void {
    this.#varint(bytes.length)
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #word(set: (view: DataView) => void): void {
    this.#room(8)
    set(this.#view)
    this.#at += 8
  }

  /** Whole numbers up to 2^53. */
  #varint(value: number): void {
    this.#room(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) + 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#at++] = rest
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + bytes))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

const zigzag = (value: number) => (value < 0 ? -value * 2 - 1 : value * 2)

function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1
  return length
}
