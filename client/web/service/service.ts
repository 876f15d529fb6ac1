import { computed, signal } from '@preact/signals';
import type { ErrorBody, LiveBody, ModelBody, ReadinessBody } from '../../../server/protocol/rest-messages.ts';
import { type CardResult, mainResult, resultsOf } from '../markdown/card-results.ts';
import { type Block, parseMarkdown } from '../markdown/parse-markdown.ts';
import { keptText } from './session-text.ts';

/** Whether the service can be talked to, and what for. */
export type ServiceState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'ready' }
  /** a sentence for people */
  | { readonly kind: 'waiting'; readonly what: string }
  /** it wants an API key, or another one */
  | { readonly kind: 'locked'; readonly message: string }
  | { readonly kind: 'gone' };

/** An adapter, as far as the page tells of it. */
export interface AdapterInfo {
  readonly id: string;
  readonly language: string | null;
  readonly kind: string;
  readonly result: CardResult | null;
  readonly card: readonly Block[] | null;
}

/** Kept as long as the tab is open, and sent to this service only. */
export const apiKey = keptText('flora-asr.key', () => sessionStorage);
export const serviceState = signal<ServiceState>({ kind: 'asking' });
export const models = signal<readonly ModelBody[]>([]);
export const adapters = signal<readonly AdapterInfo[]>([]);
export const base = computed(() => models.value.find(({ kind }) => kind === 'base') ?? null);
/** that the model knows */
export const languages = computed(() => base.value?.languages ?? []);

const RETRY_MS = 1_000;
/** A service that was there is looked for now and then. */
const LOOK_MS = 5_000;

/** Keeps `serviceState` true, and loads what is served whenever the service, or the key, is there anew. @returns what ends it */
export function watchService(): () => void {
  const ending = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let known: string | null = null;
  const look = async (): Promise<void> => {
    clearTimeout(timer);
    const state = await readiness();
    const asked = apiKey.value;
    if (ending.signal.aborted) return;
    if (state.kind !== 'ready') {
      known = null;
      serviceState.value = state;
    } else if (known !== asked) {
      serviceState.value = await load();
      known = serviceState.value.kind === 'ready' ? asked : null;
    }
    if (!ending.signal.aborted) timer = setTimeout(() => void look(), serviceState.value.kind === 'ready' ? LOOK_MS : RETRY_MS);
  };
  const forget = apiKey.subscribe(() => void look());
  return () => {
    ending.abort();
    clearTimeout(timer);
    forget();
  };
}

async function readiness(): Promise<ServiceState> {
  try {
    const body = (await (await fetch('/health/ready')).json()) as ReadinessBody;
    return body.status === 'ready' ? { kind: 'ready' } : { kind: 'waiting', what: body.waiting_for ?? body.status };
  } catch {
    return { kind: 'gone' };
  }
}

async function load(): Promise<ServiceState> {
  try {
    const answer = await ask('/v1/models');
    if (answer.status === 401) return { kind: 'locked', message: await messageOf(answer) };
    if (!answer.ok) return { kind: 'waiting', what: await messageOf(answer) };
    models.value = ((await answer.json()) as { readonly data: readonly ModelBody[] }).data;
    adapters.value = await Promise.all(models.value.filter(isAdapter).map(describe));
    return { kind: 'ready' };
  } catch {
    return { kind: 'gone' };
  }
}

function isAdapter({ kind }: ModelBody): boolean {
  return kind === 'flora' || kind === 'lora';
}

/** An adapter without a card, or whose card cannot be had now, is an adapter all the same. */
async function describe({ id, language, kind, card: address }: ModelBody): Promise<AdapterInfo> {
  const text =
    address === null
      ? null
      : await ask(address).then(
          async (answer) => (answer.ok ? answer.text() : null),
          () => null,
        );
  if (text === null) return { id, language, kind, result: null, card: null };
  const card = parseMarkdown(text);
  return { id, language, kind, result: mainResult(resultsOf(card)), card };
}

/** @throws Error while the service does not answer, or refuses */
export async function readLive(): Promise<LiveBody> {
  const answer = await ask('/v1/live');
  if (!answer.ok) throw new Error(await messageOf(answer));
  return (await answer.json()) as LiveBody;
}

async function ask(address: string): Promise<Response> {
  const key = apiKey.value;
  return fetch(address, key === '' ? {} : { headers: { authorization: `Bearer ${key}` } });
}

async function messageOf(answer: Response): Promise<string> {
  try {
    return ((await answer.json()) as ErrorBody).error.message;
  } catch {
    return `The service answered ${answer.status}.`;
  }
}
