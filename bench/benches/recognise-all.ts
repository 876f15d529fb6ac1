import type { Engine } from '../../asr/engine/engine.ts';
import type { RecognitionRequest, RecognitionResult } from '../../asr/engine/recognition.ts';

/**
 * Submits all requests at once and waits for all results; the engine must have been started with room for them.
 * @returns results in the order of the requests
 * @throws FloraAsrError what the first of them failed with
 */
export async function recogniseAll(
  engine: Engine,
  requests: readonly RecognitionRequest[],
  onDone: (done: number) => void = () => undefined,
): Promise<readonly RecognitionResult[]> {
  let done = 0;
  return Promise.all(
    requests.map(async (request) => {
      const result = await engine.recognise(request);
      done += 1;
      onDone(done);
      return result;
    }),
  );
}
