export { check, effort, seed } from '../../../../scripts/test-support/property.js';
