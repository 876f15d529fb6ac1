import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

export interface ChromiumOptions {
  /** a WAV file that is heard as the microphone, again and again; left out, there is no microphone */
  readonly microphone?: string;
}

/** Where distributions put it. `CHROMIUM` names another one. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

/** A real browser. @throws Error that says how to get one, if there is none: what needs it is not skipped */
export async function launchChromium({ microphone }: ChromiumOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      // tests run as root in CI, where Chromium's sandbox does not
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--autoplay-policy=no-user-gesture-required',
      ...(microphone === undefined
        ? []
        : [
            '--use-fake-ui-for-media-stream',
            '--use-fake-device-for-media-stream',
            `--use-file-for-fake-audio-capture=${microphone}`,
          ]),
    ],
  });
}

function chromiumPath(): string {
  const named = process.env['CHROMIUM'];
  const found = named === undefined ? PLACES.find((place) => existsSync(place)) : named;
  if (found !== undefined && existsSync(found)) return found;
  throw new Error(
    `There is no Chromium at ${named ?? PLACES.join(', ')}. The web page is tested in one: ` +
      'install it (apt-get install chromium), or name one with the environment variable CHROMIUM.',
  );
}
