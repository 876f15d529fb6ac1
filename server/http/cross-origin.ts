import cors from 'cors';
import type { RequestHandler } from 'express';
import { FloraAsrError } from '../../kernels/errors.ts';
import { originAllowed } from '../access/origin.ts';
import type { ServerConfiguration } from '../configuration/settings.ts';

/**
 * Lets pages of the allowed origins, and the service's own, call it. Others get no permission to read, which browsers
 * hold to; what does more than read is refused, as it would be done all the same.
 */
export function crossOrigin(configuration: Pick<ServerConfiguration, 'allowedOrigins' | 'apiKeys'>): RequestHandler {
  const permit = cors({
    origin: true, // as it was sent
    methods: ['GET', 'HEAD', 'POST'],
    exposedHeaders: ['x-request-id', 'retry-after', 'dg-request-id', 'dg-error'],
    maxAge: 600,
  });
  return (request, response, next) => {
    const origin = request.get('origin');
    response.vary('origin');
    if (origin === undefined) return next();
    if (originAllowed(origin, request.get('host'), configuration)) return permit(request, response, next);
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    throw new FloraAsrError(
      'origin_forbidden',
      `Pages of ${origin.slice(0, 200)} may not call this service; its operator can allow them (ALLOWED_ORIGINS).`,
    );
  };
}
