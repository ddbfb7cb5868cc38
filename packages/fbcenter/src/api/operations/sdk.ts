import { EvaluatedFlag, RateLimitedBody } from '../answers.js';
import type { Operations } from '../operation.js';
import { anything, list, nullable, oneOf, openObject, optional, text, whole } from '../schema.js';

const User = openObject({ keyId: text(), name: optional(nullable(text())) });

/** An error in the form of RFC 9457. */
const problem = {
  type: 'application/problem+json',
  each: openObject({ type: text(), title: text(), status: whole(), code: text(), message: text() }),
};

export const sdkOperations: Operations = {
  'GET /api/public/sdk/server/latest-all': {
    summary: 'Everything, or what is newer than a cursor',
    description:
      'The body is empty when nothing is newer. With the tag of an earlier answer in `If-None-Match` the answer is 304 while it would be the same.',
    query: { timestamp: whole('A version that this environment has had; 0 or another one = everything.') },
    answers: {
      200: openObject({}, "A message `data-sync` of FeatBit's protocol."),
      304: 'empty',
      429: RateLimitedBody,
    },
  },
  'POST /api/public/sdk/client/latest-all': {
    summary: 'The flags as one user gets them, all or those that are newer than a cursor',
    description:
      'For browsers, with a client secret. The body is empty when nothing is newer. Errors are problem details (RFC 9457).',
    query: { timestamp: whole('The greatest time among the flags that the user has; 0 = everything.') },
    body: { schema: User },
    answers: {
      200: openObject({}, "A message `data-sync` of FeatBit's protocol for browsers."),
      400: [problem, { type: 'text/plain', each: text('`invalid end user`: the user has no key.') }],
      ...Object.fromEntries([401, 403, 413, 415, 500, 503].map((status) => [status, problem])),
      429: RateLimitedBody,
    },
  },
  'POST /api/public/insight/track': {
    summary: 'Counts evaluations and metrics',
    description:
      'The headers `X-Insights-Accepted` and `X-Insights-Rejected` say how many were taken, and how many could not be understood.',
    body: { schema: list(anything("An insight of FeatBit's protocol; what is none is counted as rejected.")) },
    answers: { 200: 'empty', 429: RateLimitedBody },
  },
  'POST /api/public/featureflag/evaluate': {
    summary: 'Evaluates flags for one user in the center',
    body: {
      schema: openObject({
        // FeatBit reads the names of members in any case.
        user: optional(User),
        filter: optional(
          nullable(
            openObject({
              keys: optional(nullable(list(text()))),
              tags: optional(nullable(list(text()))),
              tagFilterMode: optional(nullable(oneOf(['and', 'or', '']))),
              timestamp: optional(whole('Only flags whose values are newer.')),
            }),
          ),
        ),
      }),
    },
    answers: { 200: list(EvaluatedFlag), 429: RateLimitedBody },
  },
};
