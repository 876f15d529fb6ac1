import { expect, test } from 'vitest';
import { bearerToken } from '../../../server/access/bearer-token.ts';

test.each(['Bearer abc.def-1', 'bearer abc.def-1', 'BEARER   abc.def-1 ', 'Token abc.def-1', 'token abc.def-1'])(
  '"%s" has a token',
  (header) => {
    expect(bearerToken(header)).toBe('abc.def-1');
  },
);

test.each([undefined, '', 'Bearer', 'Bearer ', 'abc.def-1', 'Basic YTpi', 'Bearer two tokens', 'XBearer abc'])(
  '"%s" has none',
  (header) => {
    expect(bearerToken(header)).toBeNull();
  },
);
