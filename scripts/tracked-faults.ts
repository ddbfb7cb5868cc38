/** One line that must not be committed. `line` counts from 1. */
export interface Fault {
  readonly line: number;
  readonly fault: string;
  readonly text: string;
}

const rules: readonly { readonly fault: string; readonly pattern: RegExp }[] = [
  // A path that starts here, not one inside a URL or below another folder.
  { fault: 'a machine path', pattern: /(?<![\w.~)}-])\/(?:work|root|tmp|home\/\w+|Users\/\w+)\/\w/ },
  { fault: 'a registry address', pattern: /"resolved":\s*"https?:|\bregistry\.npmjs\.|\bnpm\.pkg\./ },
  { fault: 'a registry credential', pattern: /_authToken|_password\s*=/ },
  { fault: 'an unfinished note', pattern: /\b(?:TODO|FIXME)\b/ },
];

/** The lines of a text file that hold something that only one machine or only one afternoon knows. */
export function trackedFaults(content: string): Fault[] {
  const faults: Fault[] = [];
  for (const [index, text] of content.split('\n').entries()) {
    for (const { fault, pattern } of rules) {
      if (pattern.test(text)) faults.push({ line: index + 1, fault, text: text.trim() });
    }
  }
  return faults;
}
