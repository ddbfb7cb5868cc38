import type { ExperimentResultsBody, ExperimentSeriesBody } from '../api/experiment-results.js';
import type { ChecksBody, ExperimentBody, ExperimentListBody, ExperimentListItem } from '../api/experiments.js';
import { csvOf } from '../experiments/csv.js';
import { DRAWING, drawResults } from '../experiments/drawing.js';
import type { ExperimentWithIterations } from '../experiments/reading.js';
import { resultsOf } from '../experiments/results.js';
import type { ExperimentService } from '../experiments/service.js';
import type { ExperimentTarget } from '../experiments/target.js';
import { type Answer, bytes, empty, json } from '../http/answer.js';
import type { EnvironmentExchange, Exchange } from '../http/exchange.js';
import { preconditionOf } from '../http/preconditions.js';
import type { Experiment, Iteration } from '../model/experiment.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { Turns } from '../runtime/turns.js';
import type { Storage } from '../storage/storage.js';
import { authorship, bodyFields, parameter, wholeNumber } from './parameters.js';

/** Management of the experiments of an environment, and their results. */
export function experimentHandlers(service: ExperimentService, storage: Pick<Storage, 'experiments'>) {
  const { actions, reading } = service;
  const read = (exchange: EnvironmentExchange) => reading.get(exchange.environment.id, parameter(exchange, 'key'));
  /** What was done, as the experiment is afterwards. */
  const answer = async (exchange: EnvironmentExchange, status = 200): Promise<Answer> => {
    const found = await read(exchange);
    return { ...json<ExperimentBody>(present(found), status), headers: { etag: tagOf(found.experiment.revision) } };
  };
  const doing = (work: (target: ExperimentTarget) => Promise<unknown>) => async (exchange: EnvironmentExchange) => {
    await work(targetOf(exchange));
    return answer(exchange);
  };
  const results = async (exchange: EnvironmentExchange): Promise<ExperimentResultsBody> => {
    const found = await read(exchange);
    return resultsBody(found.experiment, iterationOf(exchange, found));
  };
  const resultsBody = async (experiment: Experiment, iteration: Iteration): Promise<ExperimentResultsBody> => {
    const { key, state, settings, decision } = experiment;
    const { name, hypothesis } = settings;
    const part = resultsOf(await reading.counted(iteration));
    const refusedRequests = service.intake.refused;
    return { key, name, state, hypothesis, decision: decisionOf(decision), ...part, refusedRequests };
  };
  const item = async (experiment: Experiment, iteration: Iteration | undefined): Promise<ExperimentListItem> => {
    const { key, state, settings } = experiment;
    const { name, flagKey, plannedUsers } = settings;
    const common = { key, name, flagKey, state };
    if (iteration === undefined) {
      const nothing = { start: null, end: null, users: 0, daysLeft: null } as const;
      return { ...common, ...nothing, plannedUsers, verdict: 'not-started', sentence: 'Not started yet.' };
    }
    const body = await resultsBody(experiment, iteration);
    const days = body.metrics
      .filter(({ role }) => role === 'goal')
      .flatMap(({ comparisons }) => comparisons.flatMap(({ remaining }) => remaining?.days ?? []));
    return {
      ...common,
      ...{ start: body.iteration.start, end: body.iteration.end, users: body.users, plannedUsers: body.plannedUsers },
      daysLeft: days.length === 0 ? null : Math.max(...days),
      ...{ verdict: body.verdict, sentence: body.sentence },
    };
  };
  return {
    list: async ({ environment }: EnvironmentExchange): Promise<Answer> => {
      const items: ExperimentListItem[] = [];
      const turns = new Turns();
      for (const experiment of await storage.experiments.list(environment.id)) {
        const iterations = await storage.experiments.iterations(environment.id, experiment.key);
        items.push(await item(experiment, iterations.at(-1)));
        if (turns.isDue) await turns.next();
      }
      return json<ExperimentListBody>({ items });
    },
    get: async (exchange: EnvironmentExchange): Promise<Answer> => answer(exchange),
    put: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { isNew } = await actions.put(targetOf(exchange), exchange.body);
      return answer(exchange, isNew ? 201 : 200);
    },
    delete: async (exchange: EnvironmentExchange): Promise<Answer> => {
      await actions.delete(targetOf(exchange));
      return empty(204);
    },
    /** What speaks against a start, and what is to be known before. */
    checks: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { experiment } = await read(exchange);
      const { checks, adjusted, time } = await reading.readiness(exchange.environment.id, experiment);
      return json<ChecksBody>({
        canStart: checks.every(({ level }) => level !== 'error'),
        canStartAdjusted: adjusted.every(({ level }) => level !== 'error'),
        usersPerDay: time?.usersPerDay ?? null,
        plannedDays: time?.days ?? null,
        checks,
      });
    },
    /** Body: `{"adjustFlag": true}` has the flag's experiment fields set; none leaves the flag as it is. */
    start: async (exchange: EnvironmentExchange): Promise<Answer> => {
      await actions.start(targetOf(exchange), adjustFlagIn(exchange));
      return answer(exchange);
    },
    /** Ends the iteration that runs, and begins another one that counts from now. */
    restart: async (exchange: EnvironmentExchange): Promise<Answer> => {
      await actions.start(targetOf(exchange), adjustFlagIn(exchange), 'restart');
      return answer(exchange);
    },
    pause: doing((target) => actions.pause(target)),
    resume: doing((target) => actions.resume(target)),
    stop: doing((target) => actions.stop(target)),
    recount: doing((target) => actions.recount(target)),
    archive: doing((target) => actions.archive(target, 'archive')),
    restore: doing((target) => actions.archive(target, 'restore')),
    /** Body: `{"rollOut": "the id of a variation"}` or `{"putBack": true}`. */
    decide: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { rollOut, putBack } = bodyFields(exchange.body, ['rollOut', 'putBack']);
      if (typeof rollOut === 'string' && putBack === undefined)
        await actions.decide(targetOf(exchange), 'roll-out', rollOut);
      else if (putBack === true && rollOut === undefined)
        await actions.decide(targetOf(exchange), 'put-back', undefined);
      else throw new Refusal('invalid-request', 'Send {"rollOut": "the id of a variation"} or {"putBack": true}.');
      return answer(exchange);
    },
    /** Of the latest iteration, or of that of the number `iteration`. */
    results: async (exchange: EnvironmentExchange): Promise<Answer> =>
      json<ExperimentResultsBody>(await results(exchange)),
    csv: async (exchange: EnvironmentExchange): Promise<Answer> =>
      bytes(Buffer.from(csvOf(await results(exchange))), 'text/csv; charset=utf-8', {
        'content-disposition': 'attachment; filename="results.csv"',
      }),
    /** Drawn for a terminal that is `width` characters wide. */
    text: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const width = wholeNumber(exchange, 'width', DRAWING);
      return bytes(Buffer.from(drawResults(await results(exchange), width)), 'text/plain; charset=utf-8');
    },
    series: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const series = await reading.series(iterationOf(exchange, await read(exchange)));
      return json<ExperimentSeriesBody>({ points: series.map(({ at, ...rest }) => ({ at: iso(at), ...rest })) });
    },
    forgetPseudonyms: async (exchange: EnvironmentExchange): Promise<Answer> => {
      await service.forgetPseudonyms({ environment: exchange.environment, ...authorship(exchange) });
      return empty(204);
    },
  };
}

function targetOf(exchange: EnvironmentExchange): ExperimentTarget {
  const { environment } = exchange;
  const key = parameter(exchange, 'key');
  return { environment, key, ...authorship(exchange), precondition: preconditionIn(exchange) };
}

function preconditionIn({ headers }: Exchange): ExperimentTarget['precondition'] {
  const precondition = preconditionOf(headers);
  return precondition && ((revision) => precondition(revision === undefined ? undefined : tagOf(revision)));
}

function tagOf(revision: number): string {
  return `"${revision}"`;
}

function adjustFlagIn({ body }: Exchange): boolean {
  const { adjustFlag = false } = bodyFields(body, ['adjustFlag']);
  if (typeof adjustFlag === 'boolean' && (body === undefined || isJsonObject(body))) return adjustFlag;
  throw new Refusal('invalid-request', 'Send {"adjustFlag": true}, or no body.');
}

function iterationOf(exchange: Exchange, { iterations }: ExperimentWithIterations): Iteration {
  const number = wholeNumber(exchange, 'iteration', {
    fallback: iterations.length,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  });
  const iteration = iterations.find((one) => one.number === number);
  if (iteration !== undefined) return iteration;
  const message = iterations.length === 0 ? 'The experiment has not been started yet.' : 'There is no such iteration.';
  throw new Refusal('not-found', message);
}

function present({ experiment, iterations }: ExperimentWithIterations): ExperimentBody {
  const { key, state, revision, settings, createdAt, createdBy, updatedAt, decision } = experiment;
  return {
    ...{ key, state, revision, ...settings, covariateDays: settings.covariateDays ?? null, createdBy },
    ...{ createdAt: iso(createdAt), updatedAt: iso(updatedAt), decision: decisionOf(decision) },
    iterations: iterations.map(({ number, start, end }) => ({
      number,
      start: iso(start),
      end: end === null ? null : iso(end),
    })),
  };
}

function decisionOf(decision: Experiment['decision']): ExperimentBody['decision'] {
  return decision && { ...decision, at: iso(decision.at) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
