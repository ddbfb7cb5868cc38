export { check } from '../../../../scripts/test-support/property.js';
