import { useSignal } from '@preact/signals';
import { apiKey, serviceState } from '../service/service.ts';

/** What keeps the page from working, and what can be done about it. */
export function ServiceNotice() {
  const state = serviceState.value;
  switch (state.kind) {
    case 'ready':
    case 'asking':
      return null;
    case 'waiting':
      return (
        <p class="notice" role="status">
          The service is not ready yet. It waits for {state.what}.
        </p>
      );
    case 'gone':
      return (
        <p class="notice" role="status">
          The service does not answer. The page goes on as soon as it is there again.
        </p>
      );
    case 'locked':
      return <KeyForm message={state.message} />;
  }
}

function KeyForm({ message }: { readonly message: string }) {
  const typed = useSignal(apiKey.value);
  const submit = (event: Event) => {
    event.preventDefault();
    apiKey.value = typed.value.trim();
  };
  return (
    <form class="notice key" onSubmit={submit}>
      <p role="status">{apiKey.value === '' ? 'This service wants an API key.' : message}</p>
      <label>
        API key
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={typed.value}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit">Use it</button>
      <p class="quiet">It is kept in this tab until you close it, and sent to this service only.</p>
    </form>
  );
}
