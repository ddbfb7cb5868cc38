/** Outlines on a grid of 16, drawn with the colour of the text beside them. */
const PATHS = {
  flag: 'M3.5 14V2.5m0 .5c3-1.6 5.5 1.4 9 0v6c-3.5 1.4-6-1.6-9 0',
  people:
    'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-4.5 6c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4m.5-6.1a2.3 2.3 0 0 0 0-4.4m1 6.7c1.5.4 2.5 1.7 2.5 3.3',
  person: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8Zm-5.5 6c0-3 2.4-4.5 5.5-4.5s5.5 1.5 5.5 4.5',
  question:
    'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm-1.7-7.5c0-1 .7-1.7 1.7-1.7s1.7.7 1.7 1.6c0 1.2-1.7 1.3-1.7 2.6m0 1.9v.1',
  flask: 'M6 2h4M6.5 2v4.5L2.8 13a.8.8 0 0 0 .7 1.2h9a.8.8 0 0 0 .7-1.2L9.5 6.5V2M4.6 10h6.8',
  layers: 'M8 2 2 5.2l6 3.2 6-3.2L8 2ZM2 8.3l6 3.2 6-3.2M2 11.2l6 3 6-3',
  gear: 'M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM8 1.8v2M8 12.2v2M1.8 8h2m8.4 0h2M3.6 3.6 5 5m6 6 1.4 1.4m0-8.8L11 5m-6 6-1.4 1.4',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14',
  plus: 'M8 3v10M3 8h10',
  close: 'm4 4 8 8m0-8-8 8',
  check: 'm3 8.5 3.2 3.2L13 5',
  copy: 'M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8v-8Z',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  up: 'm4 10 4-4 4 4',
  down: 'm4 6 4 4 4-4',
  back: 'm10 4-4 4 4 4',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  trash: 'M3 4.5h10m-6.5 0v-2h3v2M4.5 4.5l.5 9h6l.5-9M7 7v4m2-4v4',
  pencil: 'm3 13 .5-2.8 7.4-7.4 2.3 2.3-7.4 7.4L3 13Z',
  grip: 'M6 4h.01M6 8h.01M6 12h.01M10 4h.01M10 8h.01M10 12h.01',
  alert: 'M8 2 1.5 13.5h13L8 2Zm0 4.5v3.5m0 1.8v.1',
  leaf: 'M3 13c0-6 3-9.5 10.5-10C13.5 10 10 13 5 12M3 13c1.5-3 3.5-5 6-6.5',
  archive: 'M2 3h12v3H2V3Zm1 3v7.5h10V6M6.5 8.5h3',
  out: 'M6.5 2.5h-4v11h4M6 8h8m-2.5-3L14 8l-2.5 3',
  contrast: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0 0V2',
  compare: 'M5 2.5v11m0-11L2.5 5M5 2.5 7.5 5M11 13.5v-11m0 11L8.5 11m2.5 2.5 2.5-2.5',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: what it stands for is always said in text too. */
export function Icon({ name }: { readonly name: IconName }) {
  const isDots = name === 'more' || name === 'grip';
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} strokeWidth={isDots ? 2.4 : 1.4} />
    </svg>
  );
}
