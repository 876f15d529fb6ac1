import { expect, it } from 'vitest';
import { parseSentences } from '../../../bench/corpora/festvox-ru.ts';

it("Festival's list gives sentences by name, without stress marks", () => {
  const list = '( ru_0002 "Прядь вол+ос за  ухо, \'да\'." )\n\n( ru_0003 "+" )\n( broken\n';
  expect([...parseSentences(list)]).toEqual([['ru_0002', "Прядь волос за ухо, 'да'."]]);
});
