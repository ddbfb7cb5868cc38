import { shortened } from './document.js';
import { figure } from './figure.js';
import { isEqual, type Part } from './parts.js';
import { count } from './words.js';

/** A field that is one value. */
export function fieldPart<D, K extends keyof D & string>(
  key: K,
  label: string,
  text: (value: D[K], document: D) => string | undefined,
): Part<D> {
  return {
    id: key,
    label,
    isSame: (a, b) => isEqual(a[key], b[key]),
    text: (document) => text(document[key], document),
    carry: (document, from) => ({ ...document, [key]: from[key] }),
  };
}

/** A set of texts, such as tags or users: said as what was added and removed, not as the whole. */
export function setPart<D>(
  id: string,
  label: string,
  noun: string,
  read: (document: D) => readonly string[],
  write: (document: D, items: readonly string[]) => D,
): Part<D> {
  return {
    id,
    label,
    isSame: (a, b) => isEqual(read(a), read(b)),
    text: (document, compared) => {
      const items = read(document);
      if (compared === undefined)
        return items.length === 0 ? undefined : `${count(items.length, noun)}: ${listed(items)}`;
      const [now, before] = [new Set(items), new Set(read(compared))];
      const added = items.filter((item) => !before.has(item));
      const removed = [...before].filter((item) => !now.has(item));
      const said = [
        ...(added.length > 0 ? [`added ${listed(added)}`] : []),
        ...(removed.length > 0 ? [`removed ${listed(removed)}`] : []),
      ];
      const difference = said.length === 0 ? 'in another order' : said.join(', ');
      return items.length === 0 ? undefined : `${count(items.length, noun)}: ${difference}`;
    },
    carry: (document, from) => write(document, read(from)),
  };
}

interface Identified {
  readonly id: string;
}

/** One item of an ordered list of items with ids. */
export function itemPart<D, T extends Identified>(
  id: string,
  itemId: string,
  label: string,
  read: (document: D) => readonly T[],
  write: (document: D, items: readonly T[]) => D,
  text: (item: T, document: D) => string,
): Part<D> {
  const find = (document: D) => read(document).find((item) => item.id === itemId);
  return {
    id,
    label,
    isSame: (a, b) => isEqual(find(a), find(b)),
    text: (document) => {
      const item = find(document);
      return item === undefined ? undefined : text(item, document);
    },
    carry: (document, from) => {
      const items = read(document);
      const item = find(from);
      if (item === undefined)
        return write(
          document,
          items.filter((other) => other.id !== itemId),
        );
      if (items.some((other) => other.id === itemId)) {
        return write(
          document,
          items.map((other) => (other.id === itemId ? item : other)),
        );
      }
      const place = read(from).findIndex((other) => other.id === itemId);
      return write(document, [...items.slice(0, place), item, ...items.slice(place)]);
    },
  };
}

/** The order of the items that two states have in common: a new or removed item alone does not change it. */
export function orderPart<D, T extends Identified>(
  id: string,
  label: string,
  read: (document: D) => readonly T[],
  write: (document: D, items: readonly T[]) => D,
  name: (item: T, document: D) => string,
): Part<D> {
  return {
    id,
    label,
    isSame: (a, b) => {
      const [inA, inB] = [idsOf(read(a)), idsOf(read(b))];
      return isEqual(
        inA.filter((item) => inB.includes(item)),
        inB.filter((item) => inA.includes(item)),
      );
    },
    text: (document) =>
      listed(
        read(document).map((item) => name(item, document)),
        12,
      ),
    carry: (document, from) => {
      const place = new Map(read(from).map((item, index) => [item.id, index]));
      const items = read(document).map((item, index) => ({ item, place: place.get(item.id) ?? index }));
      return write(
        document,
        items.sort((a, b) => a.place - b.place).map(({ item }) => item),
      );
    },
  };
}

const idsOf = (items: readonly Identified[]) => items.map((item) => item.id);

function listed(items: readonly string[], most = 8): string {
  const shown = items
    .slice(0, most)
    .map((item) => shortened(item, 60))
    .join(', ');
  return items.length > most ? `${shown} and ${figure(items.length - most)} more` : shown;
}
