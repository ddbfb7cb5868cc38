import { EvaluatedFlag, TrackBody } from '../answers.js';
import type { Operations } from '../operation.js';
import { anything, list, nullable, oneOf, openObject, optional, text, whole } from '../schema.js';

const User = openObject({ keyId: text(), name: optional(nullable(text())) });

export const sdkOperations: Operations = {
  'GET /api/public/sdk/server/latest-all': {
    summary: 'Everything, or what is newer than a cursor',
    description: 'The body is empty when nothing is newer.',
    query: { timestamp: whole('A version that this environment has had; 0 or another one = everything.') },
    answers: { 200: openObject({}, "A message `data-sync` of FeatBit's protocol.") },
  },
  'POST /api/public/insight/track': {
    summary: 'Counts evaluations and metrics',
    body: { schema: list(anything("An insight of FeatBit's protocol; what is none is counted as rejected.")) },
    answers: { 200: TrackBody },
  },
  'POST /api/public/featureflag/evaluate': {
    summary: 'Evaluates flags for one user in the center',
    body: {
      schema: openObject({
        user: User,
        filter: optional(
          nullable(
            openObject({
              keys: optional(nullable(list(text()))),
              tags: optional(nullable(list(text()))),
              tagFilterMode: optional(nullable(oneOf(['and', 'or']))),
            }),
          ),
        ),
      }),
    },
    answers: { 200: list(EvaluatedFlag) },
  },
};
