const VORBIS_IDENTIFICATION = Buffer.from('\x01vorbis', 'latin1');
const CAPTURE_PATTERN = Buffer.from('OggS', 'latin1');
/** Offset of the granule position in a page (RFC 3533, section 6). */
const GRANULE_OFFSET = 6;
/** Offset of the sample rate in Vorbis's identification header (Vorbis I specification, section 4.2.2). */
const RATE_OFFSET = 12;

/**
 * The duration that an Ogg Vorbis file states: its last page's position over its sample rate. ffmpeg's versions differ
 * by up to 30 ms in what they decode of the last block; this does not.
 * @returns seconds, or null if the bytes are no Ogg Vorbis file
 */
export function oggVorbisSeconds(file: Buffer): number | null {
  const identification = file.subarray(0, 256).indexOf(VORBIS_IDENTIFICATION);
  const lastPage = file.lastIndexOf(CAPTURE_PATTERN);
  if (identification === -1 || lastPage === -1 || lastPage + GRANULE_OFFSET + 8 > file.length) return null;
  const rateHz = file.readUInt32LE(identification + RATE_OFFSET);
  const seconds = Number(file.readBigInt64LE(lastPage + GRANULE_OFFSET)) / rateHz;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
