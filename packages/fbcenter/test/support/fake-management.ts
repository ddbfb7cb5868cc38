import { Management } from '../../src/manage/management.js';

/** A call that was made: method, path, and the body if there was one. */
export type Call = readonly [method: string, path: string, body?: unknown];

type Answers = Readonly<Record<string, unknown>>;

/** A management API that answers by a table of `METHOD /path`, and says what it was asked. What is not in the table is refused. */
export class FakeManagement extends Management {
  readonly calls: Call[] = [];
  readonly #answers: Answers;

  constructor(answers: Answers) {
    super({ url: 'http://h', token: 't' });
    this.#answers = answers;
  }

  /** Those that change something. */
  get changes(): readonly Call[] {
    return this.calls.filter(([method]) => method !== 'GET');
  }

  override async text(
    path: string,
    { method = 'GET', body }: { readonly method?: string; readonly body?: unknown } = {},
  ): Promise<string> {
    this.calls.push(body === undefined ? [method, path] : [method, path, body]);
    const name = `${method} ${path}`;
    if (!Object.hasOwn(this.#answers, name)) throw new Error(`not expected: ${name}`);
    const answer = this.#answers[name];
    if (answer instanceof Error) throw answer;
    return answer === undefined ? '' : typeof answer === 'string' ? answer : JSON.stringify(answer);
  }
}
