/**
 * A text without the signs that Whisper's decoding rules never let it write (`suppressTokens`: brackets, straight double
 * quotes, colons, lone dashes, notes …), as a transcript without them would have it. Training on them would teach
 * what decoding forbids.
 */
export function sayableText(text: string): string {
  const tidied = tidy(text.normalize('NFC'));
  // what one sign leaves behind may be a sign of its own
  return tidied === text ? text : sayableText(tidied);
}

function tidy(text: string): string {
  return text
    .replace(/["「」『』♩♪♫♬`^~]/g, '')
    .replace(/[()[\]{}<>|\\/=+*#_@]/g, ' ')
    .replace(/\s*[:;](?=\s|$)/g, ',')
    .replace(/[:;]/g, ' ')
    .replace(/(?<=\S)\s+-+(?=\s)/g, ',')
    .replace(/--+/g, ' ')
    .replace(/(?<=^|\s)[-']+/g, '')
    .replace(/\s+/g, ' ')
    .replace(/ +(?=[.,](\s|$))/g, '')
    .replace(/,+(?=[.,!?…])/g, '')
    .replace(/^[\s,]+|[\s,]+$/g, '');
}
