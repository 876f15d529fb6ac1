import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedAdapters } from '../../../adapters/published-folder.ts';
import { mainResult, resultsOf } from '../../../client/web/markdown/card-results.ts';
import { type Block, parseMarkdown, plainText, type Span } from '../../../client/web/markdown/parse-markdown.ts';

const text = (value: string): Span => ({ kind: 'text', text: value });

describe('Markdown of model cards', () => {
  it('has headings, paragraphs, lists, code and tables; its front matter is not shown', () => {
    const markdown = [
      '---\nlanguage:\n- el\n---\n',
      '# el **1.0.0**\n',
      'It is `a|b` and\n[a link](docs/x.md).',
      '- one\n  and more\n- two\n',
      '    npm run train',
      '      -- --help\n',
      '| | n |\n|---|---:|\n| kind | FLoRA |',
    ].join('\n');
    expect(parseMarkdown(markdown)).toEqual([
      { kind: 'heading', level: 1, text: [text('el '), { kind: 'strong', text: '1.0.0' }] },
      { kind: 'paragraph', text: [text('It is '), { kind: 'code', text: 'a|b' }, text(' and a link.')] },
      { kind: 'list', items: [[text('one and more')], [text('two')]] },
      { kind: 'code', text: 'npm run train\n  -- --help' },
      { kind: 'table', head: [[], [text('n')]], rows: [[[text('kind')], [text('FLoRA')]]] },
    ] satisfies readonly Block[]);
  });

  it('leaves HTML as the text that it is', () => {
    expect(parseMarkdown('<script>alert(1)</script>')).toEqual([
      { kind: 'paragraph', text: [text('<script>alert(1)</script>')] },
    ]);
  });

  it('ends with whatever it is given', () => {
    for (const odd of ['', '\n\n', '---\n', '|', '- ', '#', '    ', '| a\n\n|', '`'])
      expect(() => parseMarkdown(odd)).not.toThrow();
  });
});

describe('the results of a model card', () => {
  const folder = publishedAdapters() as string;

  it.each(readdirSync(folder))('are found in the published one of %s', (language) => {
    const blocks = parseMarkdown(readFileSync(path.join(folder, language, 'README.md'), 'utf8'));
    const [first] = blocks;
    expect(first?.kind === 'heading' && plainText(first.text)).toContain(language);
    const result = mainResult(resultsOf(blocks));
    expect(result?.corpus).toContain('spoken');
    expect(result?.adapter).toBeLessThan(result?.base ?? 0);
  });

  it('are none where there is no such table', () => {
    expect(mainResult(resultsOf(parseMarkdown('| a | b |\n|---|---|\n| 1 | 2 |\n')))).toBeNull();
  });
});
