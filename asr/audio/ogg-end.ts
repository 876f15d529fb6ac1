const CAPTURE = 'OggS';
const HEADER_BYTES = 27;
/** The largest page: a header, 255 lacing values, and 255 bytes for each. */
export const LARGEST_OGG_PAGE_BYTES = HEADER_BYTES + 255 + 255 * 255;

export function isOgg(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString('latin1') === CAPTURE;
}

/**
 * Whether an Ogg file was cut off within a page (RFC 3533, section 6), which ffmpeg reads without a
 * complaint. A cut between pages cannot be told from the end of a live recording.
 * @param tail the end of the file, of at least one page
 */
export function endsWithinOggPage(tail: Uint8Array): boolean {
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  const page = bytes.lastIndexOf(CAPTURE, undefined, 'latin1');
  if (page < 0) return false;
  const segments = bytes[page + HEADER_BYTES - 1];
  if (segments === undefined) return true;
  const lacing = bytes.subarray(page + HEADER_BYTES, page + HEADER_BYTES + segments);
  const payload = lacing.reduce((sum, length) => sum + length, 0);
  return lacing.length < segments || page + HEADER_BYTES + segments + payload > bytes.length;
}
