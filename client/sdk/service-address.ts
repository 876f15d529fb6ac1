import { clientError } from './client-error.ts';

/**
 * The address of one of a service's paths. The service's own may be given as http, https, ws or wss, with the folder
 * that a proxy serves it under, and with or without the `/v1` that other SDKs want.
 * @throws FloraAsrClientError `argument_invalid`
 */
export function addressOf(service: string | URL, path: `/v1/${string}`, scheme: 'http' | 'ws'): URL {
  if (!URL.canParse(`${service}`)) throw invalid(service);
  const url = new URL(service);
  const secure = { 'http:': '', 'ws:': '', 'https:': 's', 'wss:': 's' }[url.protocol];
  if (secure === undefined) throw invalid(service);
  const folder = url.pathname.replace(/\/+$/, '').replace(/\/v1(\/stream)?$/, '');
  return new URL(`${scheme}${secure}://${url.host}${folder}${path}`);
}

function invalid(service: string | URL): Error {
  return clientError('argument_invalid', `url is an address such as http://127.0.0.1:8080, not "${service}"`, { param: 'url' });
}
