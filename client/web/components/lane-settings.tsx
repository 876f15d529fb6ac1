import { computed } from '@preact/signals';
import type { Lane } from '../lanes/lane.ts';
import { languageName } from '../service/language-names.ts';
import { adapters, languages } from '../service/service.ts';

/** What is spoken, and who decodes it. Fixed while the stream is open. */
export function LaneSettings({ lane }: { readonly lane: Lane }) {
  return (
    <div class="settings">
      <LanguageChoice lane={lane} />
      <AdapterChoice lane={lane} />
      <label class="compare">
        <input
          type="checkbox"
          checked={lane.compare.value}
          disabled={lane.busy.value}
          onChange={({ currentTarget }) => {
            lane.compare.value = currentTarget.checked;
          }}
        />
        beside the base model
      </label>
    </div>
  );
}

function LanguageChoice({ lane }: { readonly lane: Lane }) {
  return (
    <label class="language">
      <span class="visually-hidden">Language</span>
      <select
        value={lane.language.value}
        disabled={lane.busy.value}
        onChange={({ currentTarget }) => {
          lane.language.value = currentTarget.value;
          lane.adapter.value = '';
        }}
      >
        <LanguageOptions />
      </select>
    </label>
  );
}

/** Without properties, so that a hundred options are made when languages change, and not with each stream's state. */
function LanguageOptions() {
  const { adapted, others } = languageGroups.value;
  return (
    <>
      {adapted.length > 0 && (
        <optgroup label="With an adapter">
          {adapted.map((tag) => (
            <option key={tag} value={tag}>
              {languageName(tag)}
            </option>
          ))}
        </optgroup>
      )}
      <optgroup label="Others">
        <option value="auto">Any language</option>
        {others.map((tag) => (
          <option key={tag} value={tag}>
            {languageName(tag)}
          </option>
        ))}
      </optgroup>
    </>
  );
}

const languageGroups = computed(() => {
  const adapted = [...new Set(adapters.value.flatMap(({ language }) => language ?? []))].sort(byName);
  const others = languages.value.filter((tag) => !adapted.includes(tag)).sort(byName);
  return { adapted, others };
});

/** As options have no null. */
const BASE = 'base model';

function AdapterChoice({ lane }: { readonly lane: Lane }) {
  const language = lane.language.value;
  const fitting = adapters.value.filter((adapter) => adapter.language === null || adapter.language === language.split('-')[0]);
  return (
    <label class="adapter">
      <span class="visually-hidden">Adapter</span>
      <select
        value={lane.adapter.value ?? BASE}
        disabled={lane.busy.value}
        onChange={({ currentTarget }) => {
          lane.adapter.value = currentTarget.value === BASE ? null : currentTarget.value;
        }}
      >
        <option value="">{fitting.length === 0 ? 'no adapter yet' : 'its adapter'}</option>
        {fitting.map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
        <option value={BASE}>{BASE}</option>
      </select>
    </label>
  );
}

const BY_NAME = new Intl.Collator('en');

function byName(left: string, right: string): number {
  return BY_NAME.compare(languageName(left), languageName(right));
}
