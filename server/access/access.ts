/** Who asks. Without API keys all are one client, `anonymous`. */
export interface Client {
  /** the key's name, never the key */
  readonly name: string;
}

/** Gives back what a request or stream has taken of its limits. Harmless when called twice. */
export type Release = () => void;

/** Keys, rates and how much may go on at once. */
export interface Access {
  /**
   * @param token what followed `Bearer` (or `Token`); null if nothing was sent
   * @throws FloraAsrError `key_missing`, `key_unknown`
   */
  identify(token: string | null): Client;
  /** @throws FloraAsrError `rate_limited`, `too_many_requests` */
  admitRequest(client: Client): Promise<Release>;
  /** @throws FloraAsrError `rate_limited`, `too_many_streams` */
  admitStream(client: Client): Promise<Release>;
}
