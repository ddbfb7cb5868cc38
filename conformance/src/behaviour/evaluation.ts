import { guidOf } from '../reference/guid.js';
import type { SuiteCase } from '../suite/case.js';
import { ADA, type Trial } from '../suite/trial.js';
import { manyRulesCases } from './many-rules.js';
import { type Behaviour, flag, fullOf, group, second } from './support.js';

const matching = (pattern: string): object =>
  flag('a', 'no', second(1), {
    variations: [
      { id: guidOf('yes'), value: 'yes' },
      { id: guidOf('no'), value: 'no' },
    ],
    rules: [
      {
        id: guidOf('rule'),
        name: 'rule',
        includedInExpt: false,
        conditions: [{ property: 'text', op: 'MatchRegex', value: pattern }],
        variations: [{ id: guidOf('yes'), rollout: [0, 1], exptRollout: 1 }],
      },
    ],
  });

/** Patterns whose run time doubles with every character in an engine that backtracks. */
const CATASTROPHES: [name: string, pattern: string, text: string][] = [
  ['nested', '^(a+)+$', `${'a'.repeat(60)}!`],
  ['alternatives', '^(a|aa)+$', `${'a'.repeat(90)}!`],
  ['mail', '^([a-zA-Z0-9]+)*@$', `${'a'.repeat(60)}!`],
];

const bounded = CATASTROPHES.map(
  ([name, pattern, text]): Behaviour => ({
    id: `regex-${name}`,
    rule: 'op.regex-bounded',
    description: `The pattern ${pattern} on ${text.length} characters is answered within 2 s.`,
    needs: ['streaming'],
    async run(trial: Trial) {
      const server = await trial.server();
      server.onDataSync = () => fullOf(matching(pattern));
      const client = await trial.client(server);
      await client.ready();
      const start = Date.now();
      const { value } = await client.evaluate('a', { key: 'ada', custom: { text } }, 'string', 'fallback');
      const took = Date.now() - start;
      trial.check('an answer within 2 s', took < 2_000, `${took} ms`);
      trial.check('no match', value !== 'yes', value);
    },
  }),
);

export const evaluationBehaviour: SuiteCase[] = group('evaluation-behaviour', [
  ...bounded,
  ...manyRulesCases,
  {
    id: 'json-isolated',
    rule: 'convert.json-isolated',
    description: 'A caller that changes a JSON value does not change later results.',
    needs: ['streaming', 'mutateValue'],
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => fullOf(flag('a', '{"list":[1,2],"inner":{"x":1}}', second(1)));
      const client = await trial.client(server);
      await client.ready();
      await client.evaluateAndMutate('a', ADA, 'json', {});
      const { value } = await client.evaluate('a', ADA, 'json', {});
      trial.equal('the next value', value, { list: [1, 2], inner: { x: 1 } });
    },
  },
  {
    id: 'offline-bootstrap',
    rule: 'event.offline',
    description: 'An offline client evaluates its bootstrap data and connects to nothing.',
    needs: ['offline', 'bootstrap'],
    waits: '300 ms in which a request would be made',
    async run(trial) {
      const server = await trial.server();
      const client = await trial.client(server, {
        offline: true,
        bootstrap: JSON.stringify(fullOf(flag('a', 'one', second(1)))),
      });
      await client.ready();
      trial.equal('the value', await client.value('a'), 'one');
      if (trial.offers('track')) await client.track(ADA, 'click', 1);
      if (trial.offers('flush')) await client.flush();
      await trial.pause(300);
      trial.equal('requests', [server.attempts.length, server.polls.length, server.insights.length], [0, 0, 0]);
    },
  },
]);
