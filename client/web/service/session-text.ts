import { type Signal, signal } from '@preact/signals';

/** A text that lives as long as the tab, or as the browser; a browser that keeps nothing forgets it on reload. */
export function keptText(name: string, storage: () => Storage): Signal<string> {
  const kept = signal(read(name, storage));
  kept.subscribe((value) => write(name, value, storage));
  return kept;
}

function read(name: string, storage: () => Storage): string {
  try {
    return storage().getItem(name) ?? '';
  } catch {
    return '';
  }
}

function write(name: string, value: string, storage: () => Storage): void {
  try {
    if (value === '') storage().removeItem(name);
    else storage().setItem(name, value);
  } catch {
    // it is forgotten
  }
}
