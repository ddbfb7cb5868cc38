import type { Members, Schema } from './schema.js';

/** What the OpenAPI document says of a route beyond what the table of routes knows. */
export interface Operation {
  /** What it does, as the title of its paragraph. */
  readonly summary: string;
  /** What else there is to know; Markdown. */
  readonly description?: string;
  /** The parameters of its query; all of them may be left out. */
  readonly query?: Members;
  readonly body?: { readonly schema: Schema<unknown>; readonly isOptional?: true };
  /** By status; `empty` is an answer without a body. Refusals that any route of its kind may give need not be here. */
  readonly answers: Readonly<Record<number, AnswerOf>>;
  /**
   * What it changes, if it changes something: documents and experiments take preconditions, which people must send for documents. All
   * take `x-change-comment` and `x-change-group`.
   */
  readonly changes?: 'document' | 'experiment' | 'something';
}

type AnswerOf =
  | 'empty'
  | Schema<unknown>
  | OtherAnswer
  /** One of several media types. */
  | readonly OtherAnswer[];

/** Something else than one JSON value: the schema is that of each part. */
export interface OtherAnswer {
  readonly type: string;
  readonly each: Schema<unknown>;
}

/** By method and path as they stand in the table of routes. */
export type Operations = Readonly<Record<string, Operation>>;
