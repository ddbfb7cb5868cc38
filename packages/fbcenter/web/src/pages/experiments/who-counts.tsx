import type { ExperimentResultsBody } from '../../../../src/api/experiment-results.js';
import { figure } from '../../model/figure.js';
import { pText, servedText } from './plain-words.js';

/** Whether the users are split as planned, and who is left out. */
export function WhoCounts({ results }: { readonly results: ExperimentResultsBody }) {
  return (
    <section aria-label="Split and exclusions">
      <h2>Who is counted</h2>
      <p>{splitText(results.split)}</p>
      <Counts results={results} />
    </section>
  );
}

function splitText(split: ExperimentResultsBody['split']): string {
  switch (split.status) {
    case 'ok':
      return split.alarm
        ? `The split is wrong (p ${pText(split.pValue)}): the groups are different people. Look for a redirect, a crash or a bot that loses users of one variation.`
        : `The users are split as planned (p = ${pText(split.pValue)}).`;
    case 'no-users':
      return 'The split is checked once there are users.';
    case 'no-expectation':
      return 'Rules let users in with different shares, so there is no split to be expected.';
  }
}

function Counts({ results }: { readonly results: ExperimentResultsBody }) {
  const { variations, users, excluded, late, oversized, undeclared, replays, refusedRequests } = results;
  const total = variations.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  const rows: readonly (readonly [string, number])[] = [
    ['Seen with several variations, left out', excluded.several],
    ['Given a variation by name, left out', excluded.targeted],
    ['In the excluded segment, left out', excluded.segment],
    ['Events more than 72 hours late', late],
    ['Events with a value that is too large', oversized],
    ['Evaluations by SDKs that do not say whether they count', undeclared],
    ['Requests that came again, counted once', replays],
    ['Requests refused while too much was waiting', refusedRequests],
  ];
  return (
    <table className="list counts-list">
      <caption className="visually-hidden">Users of each variation, and what does not count</caption>
      <tbody>
        {variations.map(({ id, weight, isControl, users: own }) => (
          <tr key={id}>
            <th scope="row">
              {servedText(results, id)}
              {isControl && <span className="quiet"> control</span>}
            </th>
            <td className="number">
              {figure(own)}
              {users > 0 && ` (${((100 * own) / users).toFixed(1)} %`}
              {users > 0 && (weight === null ? ')' : `, planned ${((100 * weight) / total).toFixed(1)} %)`)}
            </td>
          </tr>
        ))}
        {rows.map(([what, number]) => (
          <tr key={what} className={number === 0 ? 'muted' : ''}>
            <th scope="row">{what}</th>
            <td className="number">{figure(number)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
