/** Every socket of the thread reads into this; what arrives is used up before the next read. */
export const readBuffer = Buffer.allocUnsafeSlow(65_536)

/** The same memory in words of 32 bits, for comparing. */
export const readWords = new Int32Array(readBuffer.buffer, readBuffer.byteOffset, 16_384)
