import { ErrorBody, HealthBody } from '../answers.js';
import type { Operations } from '../operation.js';
import { openObject } from '../schema.js';

export const healthOperations: Operations = {
  'GET /health/liveness': { summary: 'The process answers', answers: { 200: HealthBody } },
  'GET /health/readiness': {
    summary: 'A change would be kept',
    description: '503 with a sentence while the disk is full, or the folder is away or not writable.',
    answers: { 200: HealthBody, 503: ErrorBody },
  },
  'GET /api/v1/openapi.json': {
    summary: 'This document',
    answers: { 200: openObject({}, 'An OpenAPI 3.1 document.') },
  },
};
