import { isJsonObject, type JsonObject } from '../model/json.js';
import { nearestName } from '../model/near-name.js';
import { foldedName } from '../model/user.js';
import { readYaml, type YamlDocument, type YamlPath } from '../yaml-text.js';
import type { WantedFault } from './comparison.js';
import { USERS_FIELDS, USERS_FORMAT, usersOf, type WantedUser } from './user-files.js';
import { keyOf, type WantedDocument } from './wanted.js';

/** A file that says what there is to be. */
export interface SourceFile {
  /** As people find it. */
  readonly path: string;
  readonly text: string;
}

/** What an environment is to be. */
export interface WantedEnvironment {
  readonly key: string;
  /** What the files say of it; what they do not say stays as it is. */
  readonly name?: string | undefined;
  readonly isProtected?: boolean | undefined;
  readonly documents: readonly WantedDocument[];
}

const FORMAT = 'fbcenter-environment';
const FORMAT_VERSION = 1;
const FIELDS = ['format', 'formatVersion', 'exportedAt', 'environment', 'segments', 'flags'];
const ENVIRONMENT_FIELDS = ['key', 'name', 'isProtected'];

/** What there is to be. */
export interface Wanted {
  readonly environments: readonly WantedEnvironment[];
  /** `undefined` when nothing is said of users. */
  readonly users: readonly WantedUser[] | undefined;
}

/** What all files say, or everything that is wrong with them. */
export type WantedState = Wanted | { readonly faults: readonly WantedFault[] };

/**
 * Reads files as `fbcenter export` and `fbcenter users list --yaml` write them, in JSON or YAML; an environment may be spread over several files, or
 * documents of a file, and so may users.
 *
 * @param theEnvironment where everything goes, whatever the files say; then they need not say it.
 */
export function readWanted(files: readonly SourceFile[], theEnvironment?: string): WantedState {
  const reading = new Reading(theEnvironment);
  for (const file of files) reading.read(file);
  return reading.result();
}

interface Draft {
  name?: string | undefined;
  isProtected?: boolean | undefined;
  readonly documents: WantedDocument[];
}

class Reading {
  readonly #theEnvironment: string | undefined;
  readonly #environments = new Map<string, Draft>();
  readonly #faults: WantedFault[] = [];
  #users: WantedUser[] | undefined;
  /** Where each document stands, by environment, kind and key, and each user, by name. */
  readonly #seen = new Map<string, string>();

  constructor(theEnvironment: string | undefined) {
    this.#theEnvironment = theEnvironment;
  }

  result(): WantedState {
    if (this.#faults.length > 0) return { faults: this.#faults };
    const environments = [...this.#environments].map(([key, draft]) => ({ key, ...draft }));
    return { environments, users: this.#users };
  }

  read({ path, text }: SourceFile): void {
    const read = readYaml(text);
    if ('faults' in read) {
      for (const { line, message } of read.faults) this.#add(`${path}:${line}`, message);
      return;
    }
    for (const document of read.documents) {
      const at = (within: YamlPath = []) => `${path}:${document.lineOf(within)}`;
      // What is between two lines of hyphens may be empty.
      if (document.value === null) continue;
      if (isJsonObject(document.value)) this.#readDocument(document.value, document, path);
      else this.#add(at(), `is no environment: it must have the lines "format: ${FORMAT}" and "formatVersion: 1"`);
    }
  }

  #add(place: string, message: string): void {
    this.#faults.push({ place, message });
  }

  #readDocument(value: JsonObject, document: YamlDocument, path: string): void {
    const at = (...within: YamlPath) => `${path}:${document.lineOf(within)}`;
    const isOfUsers = value.format === USERS_FORMAT;
    if (value.format !== FORMAT && !isOfUsers) {
      this.#add(at('format'), `format: must be ${FORMAT} or ${USERS_FORMAT}`);
      return;
    }
    if (value.formatVersion !== FORMAT_VERSION) {
      this.#add(at('formatVersion'), `formatVersion: must be ${FORMAT_VERSION}, which this fbcenter knows`);
      return;
    }
    if (isOfUsers) {
      this.#readUsers(value, at);
      return;
    }
    this.#refuseUnknown(value, FIELDS, (name) => at(name));
    const draft = this.#environment(value.environment, at);
    if (draft === undefined) return;
    const [key, environment] = draft;
    for (const kind of ['segment', 'flag'] as const) {
      const list = value[`${kind}s`] ?? [];
      if (!Array.isArray(list)) {
        this.#add(at(`${kind}s`), `${kind}s: must be a list`);
        continue;
      }
      for (const [index, input] of list.entries()) {
        const place = (within: string) => at(`${kind}s`, index, ...stepsOf(within));
        this.#take(key, environment, { kind, input, place });
      }
    }
  }

  #take(environment: string, draft: Draft, wanted: WantedDocument): void {
    const name = `${environment} ${wanted.kind} ${keyOf(wanted)}`;
    if (this.#isFirst(name, `${wanted.kind} ${keyOf(wanted)}`, wanted.place(''))) draft.documents.push(wanted);
  }

  #readUsers(value: JsonObject, at: (...path: YamlPath) => string): void {
    if (this.#theEnvironment !== undefined) {
      this.#add(at('format'), 'users belong to no environment: "fbcenter apply -f" takes this file');
      return;
    }
    this.#refuseUnknown(value, USERS_FIELDS, (name) => at(name));
    const users = usersOf(value, {
      at,
      add: (place, message) => this.#add(place, message),
      unknown: (user, known, place) => this.#refuseUnknown(user, known, place),
    });
    this.#users ??= [];
    for (const user of users) {
      // Names that are one to people are one user.
      if (this.#isFirst(`user ${foldedName(user.name)}`, `user ${user.name}`, user.place())) this.#users.push(user);
    }
  }

  #isFirst(name: string, what: string, place: string): boolean {
    const other = this.#seen.get(name);
    if (other === undefined) this.#seen.set(name, place);
    else this.#add(place, `the ${what} stands in ${other}, too: leave one of them out`);
    return other === undefined;
  }

  #environment(value: unknown, at: (...path: YamlPath) => string): readonly [string, Draft] | undefined {
    const fields = isJsonObject(value) ? value : {};
    this.#refuseUnknown(fields, ENVIRONMENT_FIELDS, (name) => at('environment', name));
    const key = this.#theEnvironment ?? fields.key;
    if (typeof key !== 'string' || key === '') {
      this.#add(at('environment'), 'environment: must have a key, as in "environment: { key: prod }"');
      return undefined;
    }
    const draft = this.#environments.get(key) ?? { documents: [] };
    this.#environments.set(key, draft);
    if (this.#theEnvironment !== undefined) return [key, draft];
    const { name, isProtected } = fields;
    if (typeof name === 'string') this.#set(draft, 'name', name, at('environment', 'name'));
    else if (name !== undefined) this.#add(at('environment', 'name'), 'environment.name: must be a text');
    if (typeof isProtected === 'boolean')
      this.#set(draft, 'isProtected', isProtected, at('environment', 'isProtected'));
    else if (isProtected !== undefined)
      this.#add(at('environment', 'isProtected'), 'environment.isProtected: must be true or false');
    return [key, draft];
  }

  #set<Field extends 'name' | 'isProtected'>(draft: Draft, field: Field, value: Draft[Field], place: string): void {
    if (draft[field] === undefined || draft[field] === value) draft[field] = value;
    else this.#add(place, `environment.${field}: another place says ${draft[field]}`);
  }

  #refuseUnknown(value: JsonObject, known: readonly string[], place: (name: string) => string): void {
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      const near = nearestName(name, known);
      this.#add(
        place(name),
        `${name}: there is no such field; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`}`,
      );
    }
  }
}

/** The steps of a path such as `rules[0].variations`. */
export function stepsOf(path: string): YamlPath {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
