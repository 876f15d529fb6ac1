import { describe, expect, it } from 'vitest';
import { FloraAsrError } from '../../../kernels/errors.ts';
import { SessionLife } from '../../../server/sockets/session-life.ts';

/** A session whose answers the test gives. */
function session() {
  const said: string[] = [];
  let settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  const life: SessionLife<number> = new SessionLife<number>({
    onFinishing: () => void said.push('finishing'),
    answered: async () => new Promise<void>((resolve, reject) => (settle = { resolve, reject })),
    onFailed: (error) => life.end({ reason: 'error', error, farewell: 2 }),
    onAnswered: (ending) => {
      life.close(ending);
      said.push(ending.reason === 'error' ? `error ${ending.farewell}` : ending.reason);
    },
  });
  const answer = async (error?: Error) => {
    if (error === undefined) settle?.resolve();
    else settle?.reject(error);
    await new Promise(setImmediate);
  };
  return { life, said, answer };
}

const broken = () => new FloraAsrError('audio_unreadable', 'broken');

describe('SessionLife', () => {
  it('ends once all is answered, for the first reason it had', async () => {
    const { life, said, answer } = session();
    expect([life.stage, life.ending, life.outcome]).toEqual(['open', null, { reason: 'gone' }]);
    life.end({ reason: 'finish' });
    life.end({ reason: 'drain' });
    expect([life.stage, said]).toEqual(['finishing', ['finishing']]);
    await answer();
    expect([life.stage, said, life.outcome]).toEqual(['closed', ['finishing', 'finish'], { reason: 'finish' }]);
  });

  it('tells an error instead of what it came after', async () => {
    const { life, said, answer } = session();
    life.end({ reason: 'finish' });
    life.end({ reason: 'error', error: broken(), farewell: 1 });
    await answer();
    expect(said).toEqual(['finishing', 'error 1']);
    expect(life.outcome).toEqual({ reason: 'error', code: 'audio_unreadable' });
  });

  it('tells why what it had accepted could not be answered', async () => {
    const { life, said, answer } = session();
    life.end({ reason: 'drain' });
    await answer(broken());
    expect(said).toEqual(['finishing', 'error 2']);
  });

  it('says nothing once it has vanished, and stays closed', async () => {
    const { life, said, answer } = session();
    life.end({ reason: 'finish' });
    life.vanish({ reason: 'expired' });
    life.close({ reason: 'drain' });
    life.vanish({ reason: 'gone' });
    life.end({ reason: 'drain' });
    await answer();
    expect([life.stage, life.ending, life.outcome, said]).toEqual(['closed', null, { reason: 'expired' }, ['finishing']]);
  });
});
