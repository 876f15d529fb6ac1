import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { ServerConfiguration } from '../configuration/settings.ts';

/** For an API and its documentation: pages run nothing but the service's own scripts, and no page frames them. */
export function securityHeaders({ tls }: Pick<ServerConfiguration, 'tls'>): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false, // they make browsers ask by https, which need not be there
      directives: {
        defaultSrc: ["'self'"],
        // Swagger's page has styles in its elements, and pictures in its styles
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // only where this very server speaks https; a proxy in front of it says it for itself
    strictTransportSecurity: tls !== null,
  });
}
