/** What ws closes a connection with by itself, because frames are not as RFC 6455 has them (7.4.1). */
export const WIRE_CLOSE_CODES = {
  /** frames that are none of RFC 6455 */
  malformed: 1002,
  /** a text message that is not UTF-8 */
  notText: 1007,
  /** too many fragments */
  policy: 1008,
  /** a message above the size limit */
  tooLarge: 1009,
} as const;
