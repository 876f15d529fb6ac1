import { computed, signal } from '@preact/signals';
import { keptText } from '../service/session-text.ts';

/** What was chosen; empty: as the system has it. */
const chosen = keptText('flora-asr.theme', () => localStorage);
const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(darkSystem.matches);

export const isDark = computed(() => (chosen.value === '' ? systemIsDark.value : chosen.value === 'dark'));

/** Keeps the page's theme true. */
export function applyTheme(): void {
  darkSystem.addEventListener('change', ({ matches }) => {
    systemIsDark.value = matches;
  });
  isDark.subscribe((dark) => {
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  });
}

/** What agrees with the system follows it again. */
export function toggleTheme(): void {
  const dark = !isDark.value;
  chosen.value = dark === systemIsDark.value ? '' : dark ? 'dark' : 'light';
}
